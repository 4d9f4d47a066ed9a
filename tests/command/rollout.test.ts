import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emptyFolder, typed } from '../helpers/command.ts';

describe('a rollout', () => {
  const headings = (record: string) =>
    [...record.matchAll(/^## (\w.*)$|^### (simulator, .*)$/gm)].map(([line]) => line);

  test('goes through its scenarios, and leaves one record', async () => {
    const folder = emptyFolder();
    const { status, out, err } = await typed(
      ['rollout', 'simulator', '--profile', 'hardened', '--scenarios', 'S03,S10', '--quiet'],
      folder,
    );
    expect(err).toBe('');
    expect([status, out.trimEnd().split('\n').at(-1)]).toEqual([0, 'Rollout simulator: every host passed.']);
    const record = readFileSync(join(folder, 'records/rollout-simulator.md'), 'utf8');
    expect(record).toMatch(/^# Rollout simulator: passed\n/);
    expect(headings(record)).toEqual([
      '## simulator: passed',
      '### simulator, S03: passed',
      '### simulator, S10: passed',
    ]);
    expect(record).toContain('`stackfuzz scenario S03 --host simulator --profile hardened`');
  });

  test('ends at the first failure, and says what was not begun', async () => {
    const folder = emptyFolder();
    const { status, out } = await typed(
      ['rollout', 'simulator', '--scenarios', 'S03,S07,S10', '--record', 'record.md'],
      folder,
    );
    expect(status).toBe(1);
    expect(out).toMatch(/^simulator: 1 of 3 passed\n {2}S07 failed: .+: failed \(.*\)\n {2}Not begun: S10\.\n/m);
    const record = readFileSync(join(folder, 'record.md'), 'utf8');
    expect(headings(record)).toEqual([
      '## simulator: failed',
      '### simulator, S03: passed',
      '### simulator, S07: failed',
    ]);
    expect(record).toMatch(/^\| S10 \| not begun \| \|$/m);
  });

  test('does without a scenario that is left out on purpose, and says so; no other scenario can be left out', async () => {
    const folder = emptyFolder();
    const given = ['rollout', 'simulator', '--scenarios', 'S07,S10', '--record', 'record.md', '--leave-out'];
    const { status, out } = await typed([...given, 'S07'], folder);
    expect([status, out.trimEnd().split('\n').at(-1)]).toEqual([
      0,
      'Rollout simulator: every host passed, without S07 on simulator.',
    ]);
    const record = readFileSync(join(folder, 'record.md'), 'utf8');
    expect(record).toMatch(
      /^# Rollout simulator: passed, without S07 on simulator\n(.|\n)*\nLeft out on purpose on simulator: S07 \(--leave-out\)\.\n/,
    );
    expect(headings(record)).toEqual(['## simulator: passed', '### simulator, S10: passed']);
    expect(await typed([...given, 'S08'], folder)).toMatchObject({
      status: 3,
      out: '',
      err: expect.stringMatching(
        /^--leave-out: expected to leave out a scenario of the rollout: S07, S10, found S08\n/,
      ),
    });
    expect(await typed([...given, 'S07,S10'], folder)).toMatchObject({
      status: 3,
      err: expect.stringMatching(/^simulator: expected at least one scenario that is done on simulator, found none\n/),
    });
  });

  test('names no file that it takes away again', async () => {
    const folder = emptyFolder();
    const { out, err } = await typed(['rollout', 'simulator', '--scenarios', 'S07', '--record', 'record.md'], folder);
    const named = [...(out + err).matchAll(/(?:^|\s)([\w./-]*\/[\w./-]+\.(?:md|json)|\/tmp\/[\w./-]+)/gm)].map(
      ([, path]) => path,
    );
    expect(named.filter(path => !existsSync(join(folder, path ?? '')) && !existsSync(path ?? ''))).toEqual([]);
    expect(err).toMatch(/^Record: record\.md$/m);
  });

  const host = (name: string): string => `  ${name}:
    environment: non-prod
    transport: local
    operator: me
    commands: profile
    stacks: { prefix: fz }
`;
  test.each([
    [
      'a host that the file does not have',
      'rollouts: { phase: [igpu, doc1] }',
      /stackfuzz\.yaml:8: expected a host of this file: igpu, found doc1/,
    ],
    [
      'a host twice',
      'rollouts: { phase: [igpu, igpu] }',
      /stackfuzz\.yaml:8: expected each host of a rollout once, found igpu/,
    ],
    [
      'no host',
      'rollouts: { phase: [] }',
      /stackfuzz\.yaml:8: expected rollouts\.phase to be right \(at least one host\)/,
    ],
    [
      'another name',
      'rollouts: { phase: [igpu] }',
      /rollout: expected a rollout or a host of stackfuzz\.yaml: phase, igpu, found phaze; did you mean phase\?/,
    ],
  ])('with %s is a mistake, and nothing is done', async (_, line, says) => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'stackfuzz.yaml'), `hosts:\n${host('igpu')}${line}\n`);
    const { status, out, err } = await typed(['rollout', says.source.includes('phaze') ? 'phaze' : 'phase'], folder);
    expect([status, out, err]).toEqual([3, '', expect.stringMatching(says)]);
  });
});
