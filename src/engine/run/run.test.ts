import { describe, expect, test } from 'vitest';
import { Sick, Unstarted } from '../../../models/host.ts';
import type { Step } from '../../../models/operation.ts';
import { meter } from '../session/meter.ts';
import { type Faults, type Toy, toy } from '../toy/machine.ts';
import { toyModel } from '../toy/model.ts';
import { operationsOf, runSteps } from './run.ts';

const step = (operation: string, args: Step['args'] = {}): Step => ({ operation, args });
const drift = [step('edit', { job: 'a', colour: 'green' }), step('stop', { job: 'a' }), step('rebuild')];
const run = (steps: readonly Step[], faults: Faults = {}, options = {}) =>
  runSteps(toyModel, toy(faults), steps, options);

describe('a run', () => {
  test('holds where the machine does as the model says', async () => {
    const { verdict, taken, history, evidence } = await run(drift);
    expect(verdict).toEqual({ kind: 'held' });
    expect(taken.map(one => [one.step.operation, one.skipped, one.claim?.ok])).toEqual([
      ['edit', false, true],
      ['stop', false, true],
      ['rebuild', false, true],
    ]);
    expect(history.map(one => one.kind)).toEqual(['drift', 'command', 'command']);
    expect(history[1]?.before).toBe(history[0]?.after);
    expect(evidence).toBeUndefined();
  });

  test('stops at the first broken promise, and keeps what was seen', async () => {
    const { verdict, taken, seen, expected, evidence } = await run([...drift, step('rebuild')], { drift: true });
    expect(verdict).toEqual({
      kind: 'violated',
      violation: {
        invariant: 'no-silent-drift',
        promise: 'A rebuild leaves no drift behind.',
        details: ['the file of job a says green instead of red'],
        signature: 'no-silent-drift: the file of job J says X instead of X',
        also: [],
        at: 2,
      },
    });
    expect(taken).toHaveLength(3);
    expect([seen?.files, expected?.files]).toEqual([
      { a: 'green', b: 'red' },
      { a: 'red', b: 'red' },
    ]);
    expect(evidence).toBe('3 operations');
  });

  test('of a machine that is not well is inconclusive, and keeps what was seen', async () => {
    let asked = 0;
    const ailing = (says: () => Promise<string | null>, faults: Faults = {}) => {
      const machine = toy(faults);
      return runSteps(
        toyModel,
        {
          ...machine,
          ailment: () => {
            asked++;
            return says();
          },
        },
        drift,
      );
    };
    const { verdict, evidence } = await ailing(async () => '/home has 0 bytes left', { drift: true });
    expect(verdict).toEqual({
      kind: 'inconclusive',
      at: 2,
      cause: 'machine',
      reason:
        'the machine is not well: /home has 0 bytes left; so this is no finding: no-silent-drift: the file of job a says green instead of red',
    });
    expect([asked, evidence]).toEqual([1, '3 operations']);
    const dead = async () => Promise.reject(new Error('the way to the toy is dead'));
    expect((await ailing(dead, { drift: true })).verdict).toMatchObject({ kind: 'inconclusive', cause: 'machine' });
    expect((await ailing(async () => null, { drift: true })).verdict).toMatchObject({ kind: 'violated' });
    // If every promise holds, the machine is not asked whether it is well.
    asked = 0;
    expect((await ailing(dead)).verdict).toEqual({ kind: 'held' });
    expect(asked).toBe(0);
  });

  test('keeps what the machine says before and after, if a whole record is wanted', async () => {
    const { verdict, before, evidence } = await run(drift, {}, { evidence: 'whole' });
    expect({ kind: verdict.kind, before, evidence }).toEqual({
      kind: 'held',
      before: '0 operations',
      evidence: '3 operations',
    });
    expect((await run(drift)).before).toBeUndefined();
  });

  test('names the comparison if no promise explains the difference', async () => {
    const restart = step('restart', { job: 'b' });
    const { verdict } = await run([restart, restart, restart], { restart: true });
    expect(verdict).toMatchObject({
      violation: { invariant: 'expected-observation', details: ['running.b: expected "red", found "grey"'], at: 2 },
    });
  });

  test('names the first of several broken promises, and the others beside it', async () => {
    const all = new Map(
      [...toyModel.invariants].flatMap(
        ([name, one]) =>
          [
            [name, one],
            [`${name}-again`, one],
          ] as const,
      ),
    );
    const { verdict } = await runSteps({ ...toyModel, invariants: all }, toy({ drift: true }), drift);
    expect(verdict).toMatchObject({ violation: { invariant: 'no-silent-drift', also: ['no-silent-drift-again'] } });
  });

  test('skips steps that are not possible, and steps whose operation does not exist', async () => {
    const { verdict, taken } = await run([step('rollback'), step('no-such-thing'), step('stop', { job: 'a' })]);
    expect(verdict.kind).toBe('held');
    expect(taken.map(one => one.skipped)).toEqual([true, true, false]);
    expect(operationsOf({ taken })).toBe(1);
  });

  test('accepts a failure that has a reason, and believes it', async () => {
    const unlink = step('unlink', { job: 'a' });
    const { verdict, taken } = await run([unlink, step('restart', { job: 'a' })]);
    expect(verdict.kind).toBe('held');
    expect(taken[1]).toMatchObject({ claim: { ok: false }, mayFail: ['job a has no file'] });
  });

  test('stops between two operations when it is told to', async () => {
    const stop = new AbortController();
    const { verdict, taken } = await run(drift, {}, { signal: stop.signal, onOperation: () => stop.abort() });
    expect(verdict).toEqual({ kind: 'inconclusive', at: 1, cause: 'stopped', reason: 'stopped by the operator' });
    expect(taken).toHaveLength(1);
  });

  test('stops between two operations when the budget is spent', async () => {
    const { verdict, taken, evidence } = await run(drift, {}, { meter: meter({ operations: 2 }) });
    expect(verdict).toMatchObject({
      kind: 'inconclusive',
      at: 2,
      cause: 'stopped',
      reason: 'the budget of 2 operations is spent',
    });
    expect(taken).toHaveLength(2);
    expect(evidence).toBeUndefined();
  });

  test('calls the hooks before and after each operation', async () => {
    const said: string[] = [];
    await run(
      drift.slice(0, 2),
      {},
      {
        onBegin: (one: Step, index: number, of: number) => said.push(`begin ${one.operation} ${index} of ${of}`),
        onOperation: (one: { step: Step }, index: number) => said.push(`done ${one.step.operation} ${index}`),
      },
    );
    expect(said).toEqual(['begin edit 0 of 2', 'done edit 0', 'begin stop 1 of 2', 'done stop 1']);
  });
});

describe('the run is inconclusive on a machine', () => {
  const inconclusive = async (change: Partial<Toy>, steps = drift) => {
    const result = await runSteps(toyModel, { ...toy(), ...change }, steps);
    return { ...result.verdict, evidence: result.evidence };
  };

  test('that throws', async () => {
    const dead = async () => {
      throw new Sick('no answer within 60 s');
    };
    expect(await inconclusive({ job: dead })).toMatchObject({
      at: 1,
      cause: 'machine',
      reason: 'Sick: no answer within 60 s',
    });
    expect(await inconclusive({ observe: dead })).toMatchObject({ at: -1, cause: 'machine' });
    expect(await inconclusive({ reset: dead })).toMatchObject({ at: -1, cause: 'machine' });
    expect(await inconclusive({ job: dead, evidence: dead })).toMatchObject({
      evidence: 'no evidence could be fetched: Sick: no answer within 60 s',
    });
  });

  test('that does not come to rest', async () => {
    const settle = async () => ({ rested: false, waiting: ['web-stack.service', 'a health check'] });
    const reason = 'the machine did not come to rest; it still waits for web-stack.service, a health check';
    expect(await inconclusive({ settle })).toMatchObject({ at: -1, cause: 'machine', reason });
    const machine = toy();
    const later = async () => (machine.count.operations < 2 ? machine.settle() : settle());
    const run = await runSteps(toyModel, { ...machine, settle: later }, drift);
    expect(run.verdict).toMatchObject({ at: 1, cause: 'machine', reason });
    expect(run.taken.at(-1)?.claim).toEqual({ ok: true, status: 0, message: '' });
  });
});

describe('the start is judged too', () => {
  const model = { ...toyModel, first: { operation: 'rebuild', args: {} } };

  test('a machine that is wrong from the start breaks a promise, with no step', async () => {
    const observe = async () => ({ generation: 0, files: { a: 'red' }, running: { a: 'red', b: 'red' }, volumes: [] });
    const plain = await runSteps(toyModel, { ...toy(), observe }, drift);
    expect([plain.taken, plain.history]).toEqual([[], []]);
    expect(plain.verdict).toMatchObject({
      kind: 'violated',
      violation: { invariant: 'expected-observation', at: -1, details: ['files.b: expected "red", found nothing'] },
    });
    // The violation names the command that made the start, if the model says which one that was.
    const { verdict } = await runSteps(model, { ...toy(), observe }, drift);
    expect(verdict).toMatchObject({ kind: 'violated', violation: { invariant: 'no-silent-drift', at: -1 } });
  });

  test('a first command that fails without a reason is a violation too, and its output is kept', async () => {
    const claim = { ok: false, status: 1, message: 'no such file' };
    const reset = async () => Promise.reject(new Unstarted('the first rebuild ended with 1', claim));
    const { verdict, evidence } = await runSteps(model, { ...toy(), reset }, drift);
    expect(verdict).toMatchObject({ kind: 'violated', violation: { invariant: 'honest-claims', at: -1 } });
    expect(evidence).toMatch(/^the first rebuild ended with 1\n\n/);
  });

  test('what was fetched from a machine that is gone is the evidence', async () => {
    const claim = { ok: false, status: 1, message: 'no such file' };
    const failed = new Unstarted('the first rebuild ended with 1', claim, { evidence: 'the journal' });
    const { evidence } = await runSteps(model, { ...toy(), reset: async () => Promise.reject(failed) }, drift);
    expect(evidence).toBe('the first rebuild ended with 1\n\nthe journal');
  });

  test('a wrong start that no promise explains is inconclusive', async () => {
    const reset = async () => Promise.reject(new Unstarted('odd', { ok: true, status: 0, message: '' }));
    expect((await runSteps(model, { ...toy(), reset }, drift)).verdict).toEqual({
      kind: 'inconclusive',
      at: -1,
      cause: 'start',
      reason: 'the machine was not right to begin with: odd',
    });
  });

  test('first the machine is asked whether it is well', async () => {
    const observe = async () => ({ generation: 1, files: {}, running: {}, volumes: [] });
    const ailing = { ...toy(), observe, ailment: async () => 'no room' };
    expect((await runSteps(model, ailing, drift)).verdict).toMatchObject({ kind: 'inconclusive', cause: 'machine' });
  });
});

describe('a model that throws is a crash that names its file', () => {
  const crash = (change: Partial<typeof toyModel>) => runSteps({ ...toyModel, ...change }, toy(), drift);
  const boom = () => {
    throw new TypeError('x is undefined');
  };

  test('in an operation', async () => {
    const edit = toyModel.operations.get('edit');
    if (edit === undefined) throw new Error('the toy has no edit');
    const operations = new Map([['edit', { ...edit, expected: boom }]]);
    const { verdict, crash: kept } = await crash({ operations });
    expect(verdict).toMatchObject({ kind: 'inconclusive', at: 0, cause: 'crash' });
    expect(kept?.message).toMatch(
      /the model threw where it must answer: operation edit, expected\n {2}TypeError: x is undefined/,
    );
    expect(kept?.stack).toMatch(/^TypeError: x is undefined\n/);
    expect(kept?.steps).toEqual(drift.slice(0, 1));
  });

  test('in an invariant, and in the expected observation', async () => {
    const [first] = [...toyModel.invariants.values()];
    if (first === undefined) throw new Error('the toy has no invariant');
    const inInvariant = await crash({ invariants: new Map([['bad', { ...first, broken: boom }]]) });
    expect(inInvariant.crash?.message).toContain('invariant bad, broken');
    expect((await crash({ expectedObservation: boom })).crash).toMatchObject({
      message: expect.stringContaining('the model, expectedObservation'),
      steps: [],
    });
    expect((await crash({ start: boom })).crash?.message).toContain('the model, start');
  });

  test('a machine that throws what no machine throws is a crash too', async () => {
    const machine = { ...toy(), job: async () => boom() };
    expect((await runSteps(toyModel, machine, drift)).crash).toMatchObject({
      message: expect.stringContaining('asked for stop, threw what no machine does'),
      steps: drift.slice(0, 2),
    });
    expect((await runSteps(toyModel, { ...toy(), reset: async () => boom() }, drift)).crash?.steps).toEqual([]);
  });
});
