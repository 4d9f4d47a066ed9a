import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { covers, hasExpired, readWaivers, type Waiver, waiverOf, warnings } from './waivers.ts';

const found = {
  invariant: 'no-orphans',
  signature: 'no-orphans: X is there',
  profile: 'home-manager',
  provider: 'docker-compose',
  alsoWith: ['podman-compose'],
  expect: 'violated' as const,
  host: 'lab',
  steps: [{ operation: 'stop', args: { stack: 'web' } }],
};
const known = { entries: [found], invariants: new Map([['no-orphans', {}]]) };
const whole = { signature: found.signature, reason: 'it is on its way out', owner: 'kim', until: '2030-01-31' };
const asYaml = (...waivers: object[]): string =>
  waivers
    .map(one =>
      Object.entries(one)
        .map(([key, value], at) => `${at === 0 ? '-' : ' '} ${key}: "${value}"`)
        .join('\n'),
    )
    .join('\n');

let folder: string;
const read = async (text: string) => {
  await writeFile(join(folder, 'waivers.yaml'), text);
  return readWaivers(folder, known);
};
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stackfuzz-test-'));
  return () => rm(folder, { recursive: true });
});

test('a folder without the file, or with an empty one, waives nothing', async () => {
  expect(await readWaivers(folder, known)).toEqual([]);
  expect(await readWaivers(join(folder, 'gone'), known)).toEqual([]);
  expect(await read('# none\n')).toEqual([]);
});

test('a waiver of a finding, or of a promise, says where it stands', async () => {
  const { signature: _, ...rest } = whole;
  const waivers = await read(`${asYaml(whole)}\n${asYaml({ promise: 'no-orphans', ...rest })}\n`);
  expect(waivers).toMatchObject([{ ...whole, where: join(folder, 'waivers.yaml:1') }, { promise: 'no-orphans' }]);
  expect(waivers[1]?.where).toBe(join(folder, 'waivers.yaml:5'));
});

test('a waiver of a finding that no promise explains may have the name that it had before', async () => {
  await writeFile(join(folder, 'waivers.yaml'), asYaml({ ...whole, signature: 'picture: X is gone' }));
  const entries = [{ ...found, invariant: 'expected-observation', signature: 'expected-observation: X is gone' }];
  expect(await readWaivers(folder, { ...known, entries })).toMatchObject([{ signature: entries[0]?.signature }]);
});

test.each([
  ['without an expiry', { ...whole, until: undefined }, 'until', 1],
  ['with a date that is none', { ...whole, until: '2030-02-31' }, 'until', 4],
  ['without a reason', { ...whole, reason: ' ' }, 'reason', 2],
  ['without an owner', { ...whole, owner: undefined }, 'owner', 1],
  ['of nothing', { ...whole, signature: undefined }, 'either signature or promise', 1],
  ['of two things', { ...whole, promise: 'no-orphans' }, 'either signature or promise', 1],
  ['with a key that nobody knows', { ...whole, machine: 'lab' }, 'machine', 1],
  ['of a signature that nobody has seen', { ...whole, signature: 'no-orphans: Y' }, 'no-orphans: Y', 1],
  ['of a promise that there is not', { ...whole, signature: undefined, promise: 'peace' }, 'peace', 4],
])('a waiver %s is refused, with file and line', async (_, waiver, word, line) => {
  const text = asYaml(Object.fromEntries(Object.entries(waiver).filter(([, value]) => value !== undefined)));
  const error = await read(text).catch((error: Error) => error);
  expect(error).toMatchObject({ name: 'Problem', message: expect.stringContaining(word) });
  expect((error as Error).message).toContain(`${join(folder, 'waivers.yaml')}:${line}: expected`);
});

const waiver: Waiver = { ...whole, where: 'waivers.yaml:1' };

test('it covers what it names, within its scope', () => {
  expect(covers(waiver, found)).toBe(true);
  expect(covers(waiver, { ...found, signature: 'no-orphans: Z' })).toBe(false);
  expect(covers({ ...waiver, profile: 'hardened' }, found)).toBe(false);
  expect(covers({ ...waiver, provider: 'podman-compose' }, found)).toBe(true);
  expect(covers({ ...waiver, provider: 'podman-compose' }, { ...found, alsoWith: [] })).toBe(false);
  expect(covers({ ...waiver, suite: 'bookworm' }, found)).toBe(false);
  expect([covers({ ...waiver, host: 'lab' }, found), covers({ ...waiver, host: 'simulator' }, found)]).toEqual([
    true,
    false,
  ]);
  const about = (...stacks: string[]) => ({
    ...found,
    steps: stacks.map(stack => ({ operation: 'stop', args: { stack } })),
  });
  const ofWeb = { ...waiver, stack: 'web' };
  expect([about('web'), about('duo'), about('web', 'duo'), about()].map(each => covers(ofWeb, each))).toEqual([
    ...[true, false, false, false],
  ]);
  const { signature: _, ...rest } = waiver;
  expect(covers({ ...rest, promise: 'no-orphans' }, { ...found, signature: 'other' })).toBe(true);
});

test('it holds on its last day, wherever that is, and is loud from then on', () => {
  const [before, after] = [new Date('2030-01-31T23:00:00Z'), new Date('2030-02-01T12:00:00Z')];
  expect([hasExpired(waiver, before), hasExpired(waiver, after)]).toEqual([false, true]);
  expect([waiverOf([waiver], found, before), waiverOf([waiver], found, after)]).toEqual([waiver, undefined]);
  expect(warnings([waiver], [found], before)).toEqual([]);
  expect(warnings([waiver], [found], after)).toEqual([
    'WAIVER EXPIRED on 2030-01-31, so it waives nothing: waivers.yaml:1 (kim)',
  ]);
});

test('one that covers nothing that is still expected is loud too', () => {
  expect(warnings([waiver], [{ ...found, expect: 'held' }], new Date('2029-01-01'))).toEqual([
    'WAIVER NO LONGER NEEDED, nothing that it covers is expected any more: waivers.yaml:1 (kim)',
  ]);
});
