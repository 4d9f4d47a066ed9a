import { describe, expect, test } from 'vitest';
import { variousWorlds } from '../../tests/helpers/worlds.ts';
import { homelab } from '../homelab.ts';
import type { Claim } from '../host.ts';
import type { Operation } from '../operation.ts';
import { firstWorld } from '../transitions/first.ts';
import { rebuilt } from '../transitions/generations.ts';
import { hasRefused, isOutcome, rolledBack, saysStale, withOutcomes } from './outcome.ts';

const modules = import.meta.glob<{ default: Operation }>('../operations/**/*.ts', { eager: true });
const operations = new Map(
  Object.entries(modules).map(([path, module]) => [path.replace(/^.*\/|\.ts$/g, ''), module.default]),
);
const failed = (message: string): Claim => ({ ok: false, status: 4, message });
const named = (name: string): Operation => operations.get(name) as Operation;

describe('lines for programs', () => {
  test('are taken out of what a command says', () => {
    const said = ['Activating x', 'stackfuzz: refused', 'stackfuzz: stale web-stack.service', 'move it away'].join(
      '\n',
    );
    const claim = withOutcomes(failed(said));
    expect(claim.message).toBe('Activating x\nmove it away');
    expect(claim.outcomes).toEqual([{ kind: 'refused' }, { kind: 'stale', unit: 'web-stack.service' }]);
    expect([hasRefused(claim), saysStale(claim, 'web-stack.service'), saysStale(claim, 'duo-stack.service')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test.each([
    'refused',
    'stackfuzz: refuse',
    ' stackfuzz: refused',
    'stackfuzz: refused, and more',
    'stackfuzz: stale',
  ])('are these whole lines only, and not %s', line => {
    expect(isOutcome(line)).toBe(false);
    expect(withOutcomes(failed(line))).toEqual(failed(line));
  });

  test('and podman’s own report say which units run again as before', () => {
    const claim = withOutcomes(failed('stackfuzz: rolled-back web-stack.service'));
    const updates = [{ unit: 'duo-stack.service', container: 'duo-api-1', updated: 'rolled back' }];
    expect(rolledBack({ ...claim, updates })).toEqual(['web-stack.service', 'duo-stack.service']);
  });
});

/** A machine with drift, and a stopped stack whose env file is missing: a rebuild may fail for either. */
const both = [
  ['shadow-unit', { stack: 'duo', directory: '~/.config/systemd/user.control' }] as const,
  ['stop', { stack: 'web' }] as const,
  ['remove-secret', { secret: 'web' }] as const,
].reduce(
  (world, [name, args]) => named(name).expected(world, args, { ok: true, status: 0, message: '' }),
  firstWorld(homelab),
);

test('a rebuild that says that it refused is taken at its word, whatever else it might have failed for', () => {
  const tag = named('change-image-tag');
  const args = { stack: 'duo', service: 'api', tag: 'v2' };
  const refused = tag.expected(both, args, { ...failed(''), outcomes: [{ kind: 'refused' }] });
  expect([refused.stacks, refused.installed]).toEqual([both.stacks, both.installed]);
  expect(tag.expected(both, args, failed('')).installed).not.toEqual(both.installed);
  // Without any drift too: a profile may look at every env file first.
  const tidy = named('remove-secret').expected(
    firstWorld(homelab),
    { secret: 'web' },
    { ok: true, status: 0, message: '' },
  );
  const next = { ...tidy.declared, revision: 2 };
  expect(rebuilt(tidy, next, { ...failed(''), outcomes: [{ kind: 'refused' }] }).stacks).toBe(tidy.stacks);
});

test('nothing is decided by words: what is expected is the same whatever a command says in its own language', () => {
  const phrases = [
    'refused, and nothing was touched: a reason',
    "Existing file 'x' would be clobbered",
    'web-stack.service: rolled back',
    'web-stack.service changed on disk',
    "ownership: the user manager is 'x', expected running or degraded",
    './switch.sh: /etc/x: Read-only file system',
  ].join('\n');
  const some = variousWorlds(operations.values(), 60).filter((_, index) => index % 8 === 0);
  for (const world of [both, ...some]) {
    for (const { choices, expected } of operations.values()) {
      for (const args of choices(world).slice(0, 3)) {
        expect(expected(world, args, failed(phrases))).toEqual(expected(world, args, failed('')));
      }
    }
  }
});
