import { describe, expect, test } from 'vitest';
import type { Operation } from '../../models/operation.ts';
import type { Taken, Violation } from '../engine/types.ts';
import { explain, type Tellers } from './explain.ts';
import { progressOn } from './progress.ts';
import { closing, type SearchOutcome } from './summary.ts';
import { why } from './why.ts';

const operations: Tellers = new Map<string, Pick<Operation, 'describe' | 'kind'>>([
  ['edit', { kind: 'drift', describe: args => `edit ${args.stack}-stack.service in place` }],
  ['rebuild', { kind: 'command', describe: () => 'rebuild without a change' }],
]);
const edit: Taken = {
  step: { operation: 'edit', args: { stack: 'web' } },
  skipped: false,
  claim: { ok: true, status: 0, message: '' },
  mayFail: [],
};
const rebuild = (claim: Taken['claim'] & object, mayFail: readonly string[] = []): Taken => ({
  step: { operation: 'rebuild', args: {} },
  skipped: false,
  claim,
  mayFail,
});
const violation: Violation = {
  invariant: 'single-owner',
  promise: 'Every stack unit is defined in one place: by its owner.',
  details: ['~/.config/systemd/user/web-stack.service is a regular file', 'it runs localhost:5000/probe:v2.'],
  signature: 's',
  also: ['no-orphans'],
  at: 1,
};
const where = { profile: 'home-manager', provider: 'docker-compose', host: 'lab' };

describe('an explanation', () => {
  test('tells what was done, promised and seen, and which paths and images are in it', () => {
    const lines = explain(operations, violation, [edit, rebuild({ ok: true, status: 0, message: 'done' })], where);
    expect(lines.join('\n')).toBe(
      `Broken promise (single-owner): Every stack unit is defined in one place: by its owner.

What was done, on a fresh machine (lab, profile home-manager, docker-compose):
  1. edit web-stack.service in place
  2. rebuild without a change: it said that it succeeded
What was seen then:
  - ~/.config/systemd/user/web-stack.service is a regular file
  - it runs localhost:5000/probe:v2.
Other promises broken at the same moment: no-orphans
Paths: ~/.config/systemd/user/web-stack.service
Images: localhost:5000/probe:v2`,
    );
  });

  test('quotes the last line of what failed, with what justified it; leaves out what was skipped', () => {
    const failed = rebuild({ ok: false, status: 4, message: 'starting\nit is in the way\n' }, ['the unit has drifted']);
    const lines = explain(operations, violation, [{ ...edit, skipped: true }, failed], where);
    expect(lines).toContain(
      '  1. rebuild without a change: it failed with status 4, with "it is in the way" (as it may, because the unit has drifted)',
    );
    expect(lines.join('\n')).not.toContain('in place');
  });

  test('says which steps are needed, and what they may be replaced by', () => {
    const fact = { enables: [], instead: [] };
    const explanation = { always: [], failed: 2, held: 2 };
    const other = { step: { operation: 'edit', args: { stack: 'duo' } }, outcome: 'same' as const };
    const steps = [
      { ...fact, index: 0, necessary: 'proved' as const, instead: [other] },
      { ...fact, index: 1, necessary: 'proved' as const },
    ];
    expect(why(operations, { ...explanation, steps })).toEqual([
      'Why these steps:',
      '  Each of them is needed: without any one of them everything holds.',
      '  The same happens where step 1 is "edit duo-stack.service in place".',
    ]);
    expect(why(operations, { ...explanation, steps: [{ ...fact, index: 0, necessary: 'unproved' }] })).toEqual([]);
  });
});

describe('progress', () => {
  const screen = (isTTY: boolean) => {
    const written: string[] = [];
    return { isTTY, columns: 60, written, write: (text: string) => written.push(text) };
  };

  test('on a terminal is one line that moves, taken away for what stays', () => {
    const tty = screen(true);
    let now = 0;
    const progress = progressOn(tty, () => now);
    now = 2_000;
    progress.stands({ operations: 4, runs: 1, findings: 0 });
    progress.say('a finding');
    expect(tty.written).toEqual([
      '\r0:02 4 operations in 1 run (2.0/s), 0 findings\u001b[K',
      '\r\u001b[K',
      'a finding\n',
    ]);
    now = 65_000;
    progress.doing('something with a very long description indeed');
    expect(tty.written.at(-1)).toContain('1:05 4 operations in 1 run');
    expect(tty.written.at(-1)).toHaveLength('\r'.length + 59 + '\u001b[K'.length);
  });

  test('says how much of its budget is spent, and how long the rest takes', () => {
    const log = screen(false);
    let now = 0;
    const progress = progressOn(log, () => now, { seconds: 240, runs: 10 });
    now = 60_000;
    progress.stands({ operations: 30, runs: 1, findings: 0 });
    now = 120_000;
    progress.stands({ operations: 60, runs: 8, findings: 0 });
    now = 250_000;
    progress.stands({ operations: 60, runs: 8, findings: 0 });
    expect(log.written).toEqual([
      '1:00 (25 %, 3:00 to go) 30 operations in 1 run (0.5/s), 0 findings\n',
      '2:00 (80 %, 0:30 to go) 60 operations in 8 runs (0.5/s), 0 findings\n',
      '4:10 (100 %, ending) 60 operations in 8 runs (0.2/s), 0 findings\n',
    ]);
  });

  test('in a log is a plain line now and then', () => {
    const log = screen(false);
    let now = 0;
    const progress = progressOn(log, () => now);
    for (; now <= 40_000; now += 1_000) progress.stands({ operations: now / 1_000, runs: 0, findings: 1 });
    expect(log.written).toEqual([
      '0:15 15 operations in 0 runs (1.0/s), 1 finding\n',
      '0:30 30 operations in 0 runs (1.0/s), 1 finding\n',
    ]);
    progress.end();
    expect(log.written).toHaveLength(2);
  });
});

const promise = (invariant: string) => ({ invariant, promise: 'It holds.', details: ['web is down', 'duo is down'] });

test('the last words name the verdict, the findings, what cannot be told, and how to go on', () => {
  const outcome: SearchOutcome = {
    verdict: 'violated',
    operations: 312,
    searching: 290,
    ahead: 4,
    runs: 14,
    stages: { suspects: 5, differences: 0, walks: 9 },
    seconds: 242,
    seed: 7,
    ended: 'the budget of 240 seconds is spent',
    fresh: [{ path: 'corpus/a/b.json', ...promise('a') }],
    known: [
      { path: 'corpus/b/e.json', ...promise('b'), times: 1, waiver: 'waived until 2999-12-31' },
      { path: 'corpus/a/c.json', ...promise('a'), times: 3, also: ['lab, profile hardened'] },
    ],
    warnings: ['WAIVER EXPIRED on 2026-01-01: corpus/waivers.yaml:3'],
    races: [{ path: 'corpus/a/d.json', ...promise('a'), shows: { times: 3, of: 10 } }],
    once: ['a: b'],
    reasons: ['Sick: gone'],
    crashes: [],
    unexplained: '/tmp/stackfuzz-x',
    never: { tried: ['restart'], succeeded: ['restart', 'rollback'], of: 82 },
    next: 'npm run fuzz -- --seed 7',
  };
  const lines = closing(outcome).map(line => (typeof line === 'string' ? line : line.text));
  expect(lines.join('\n')).toBe(`VIOLATED: 1 new finding, 2 known from the corpus.
  Never tried on such a machine: 1 of 82 (restart).
  Tried, and never succeeded: 1 of 82 (rollback).
  312 operations (290 to search, 18 to confirm and shrink, 4 in runs that were cut short) in 14 runs (suspects: 5, walks: 9), 4:02 minutes, seed 7. It ended: the budget of 240 seconds is spent.
  WAIVER EXPIRED on 2026-01-01: corpus/waivers.yaml:3
  promise a
    expected: It holds.
    new: corpus/a/b.json
      actual: web is down (and 1 more)
    comes and goes, shown in 3 of 10 runs: corpus/a/d.json
      actual: web is down (and 1 more)
    known, met 3 times: corpus/a/c.json
      actual: web is down (and 1 more)
      the same: lab, profile hardened
  promise b
    expected: It holds.
    known, met 1 time: corpus/b/e.json
      actual: web is down (and 1 more)
      waived until 2999-12-31
  seen once, not again when asked: a: b
  1 run without a verdict; the first because: Sick: gone
  What the machines said there is kept in /tmp/stackfuzz-x
To go on: npm run fuzz -- --seed 7`);
});
