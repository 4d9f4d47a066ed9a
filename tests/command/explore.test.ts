import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emptyFolder, runStackfuzz, typed } from '../helpers/command.ts';

const few = 'remove-secret,restart,restore-secret,start,stop,stop-container';
/** Keys that differ each time: when it began, and how long it took. */
const times = ['began', 'seconds', 'processorSeconds'];
const reportIn = (folder: string, name = 'r.json') =>
  JSON.parse(readFileSync(join(folder, name), 'utf8'), (key, value) => (times.includes(key) ? undefined : value));

test('a pass says first what it says nothing about, and is the same with any number of threads', async () => {
  const folder = emptyFolder();
  const explore = (threads: string, file: string) => {
    const args = ['explore', '--profile', 'hardened', '--operations', few, '--depth', '2'];
    return typed([...args, '--threads', threads, '--json', file], folder);
  };
  const [one, two] = [await explore('1', '1.json'), await explore('2', '2.json')];
  expect({ status: one.status, err: one.err }).toMatchObject({ status: 0 });
  expect(one.out).toMatch(/^Never failed with a reason: /);
  expect(one.out).toContain('Never reached: the user manager is down, ');
  expect(one.out).toMatch(/^held: [\d,]+ states, [\d,]+ transitions to depth 2 in /m);
  expect(reportIn(folder, '1.json')).toMatchObject({ verdict: 'held', ended: 'complete', findings: [], stuck: [] });
  expect(two.status).toBe(0);
  expect(reportIn(folder, '2.json')).toEqual(reportIn(folder, '1.json'));
  // Nothing is left of the states that were written meanwhile.
  expect(readdirSync(folder).sort()).toEqual(['1.json', '2.json']);
});

test('a lie is told by a shortest sequence, one for each signature', async () => {
  const folder = emptyFolder();
  const args = ['explore', '--operations', 'remove-stack,set-healthcheck,rebuild', '--depth', '2', '--json', 'r.json'];
  const { status, out } = await typed(args, folder);
  expect(status).toBe(1);
  expect(out).toContain('Broken promise (no-orphans)');
  const { findings } = reportIn(folder);
  expect(findings[0].steps).toHaveLength(1);
  const signatures = findings.map(({ signature }: { signature: string }) => signature);
  expect(new Set(signatures).size).toBe(signatures.length);
});

test('Ctrl-C keeps what was explored, and it goes on from there', async () => {
  const folder = emptyFolder();
  const args = ['explore', '--profile', 'hardened', '--operations', few, '--depth', '3', '--threads', '1'];
  const whole = await typed([...args, '--json', 'whole.json'], folder);
  expect(whole.status).toBe(0);
  let sent = false;
  const ended = await runStackfuzz(args, folder, {
    onOutput: (all, kill) => {
      if (sent || !all.includes('Ctrl-C ends it early')) return;
      sent = true;
      kill('SIGINT');
    },
  });
  expect(ended.status).toBe(2);
  const [, file = ''] = /To go on: npx stackfuzz explore --resume (\S+)/.exec(ended.err) ?? [];
  const mismatched = await typed(['explore', '--resume', file, '--depth', '2'], folder);
  expect(mismatched).toMatchObject({ status: 3, err: expect.stringContaining('--depth 3, as in the exploration') });
  const rest = await typed(['explore', '--resume', file, '--json', 'rest.json'], folder);
  expect({ status: rest.status, err: rest.err }).toMatchObject({ status: 0 });
  const { recoverySteps: _, ...counts } = reportIn(folder, 'rest.json');
  expect(counts).toEqual(reportIn(folder, 'whole.json'));
  expect((await typed(['explore', '--resume', file], folder)).status).toBe(3);
});

describe('a mistake is told, with what to type next', () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'text'), 'no state\n');
  writeFileSync(
    join(folder, 'other'),
    '{"format":1,"depth":2,"chosen":{"profile":"hardened"},"fingerprint":"other"}\n',
  );
  const mistakes: readonly (readonly [what: string, args: readonly string[], says: string])[] = [
    ['an operation that there is not', ['--operations', 'startt,stop'], 'Did you mean start?'],
    ['one that only a lab machine does', ['--operations', 'rebuild-twice'], 'only a lab machine does'],
    ['more stacks than there are', ['--stacks', '3'], 'at most the 2 stacks'],
    ['a depth that does not fit', ['--depth', '4', '--memory', '2G'], 'Take --depth 3'],
    ['a release that is not imitated', ['--suite', 'bookworm'], 'stackfuzz fuzz --host lab'],
    ['a file that is no state', ['--resume', 'text'], 'found something else'],
    ['a state of another catalog', ['--resume', 'other'], 'since when something has changed'],
    ['no file', ['--resume', 'nowhere'], 'ENOENT'],
  ];
  test.each(mistakes)('%s', async (_what, args, says) => {
    const { status, err } = await typed(['explore', ...args], folder);
    expect({ status, err }).toEqual({ status: 3, err: expect.stringContaining(says) });
  });
});
