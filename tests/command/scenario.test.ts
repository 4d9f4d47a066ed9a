import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadCatalog, modelOf } from '../../src/catalog.ts';
import { mustKnow } from '../../src/cli/commands/scenario/cases.ts';
import { staleBecause } from '../../src/corpus/stale.ts';
import { loadProfile } from '../../src/profiles/profile.ts';
import { modelConfigOf } from '../../src/profiles/setup.ts';
import { emptyFolder, idle, pressingCtrlC, projectWith, runStackfuzz, typed } from '../helpers/command.ts';

const catalog = await loadCatalog();

describe.each([...catalog.scenarios])('%s', (_name, scenario) => {
  test.each(['home-manager', 'nixos-etc', 'hardened'])('has only steps that are possible under %s', name => {
    const setup = modelConfigOf({ profile: loadProfile(name), provider: 'docker-compose' });
    const cases = Object.entries(scenario.cases(setup));
    expect(cases.length).toBeGreaterThan(0);
    for (const [title, steps] of cases) expect(staleBecause(modelOf(catalog, setup), steps), title).toBeNull();
  });
});

test('a scenario that names an operation which there is not is refused, with the case named', () => {
  const scenario = {
    about: 'x',
    passes: 'y',
    cases: () => ({ good: [{ operation: 'rebuild', args: {} }], bad: [{ operation: 'rebiuld', args: {} }] }),
  };
  const setup = modelConfigOf({ profile: loadProfile('home-manager'), provider: 'docker-compose' });
  expect(() => mustKnow(catalog.operations, ['S99', scenario], setup)).toThrow(
    /S99\.ts, case "bad": .* found "rebiuld"/,
  );
});

describe('stackfuzz scenario', () => {
  test('says how each case ended, writes a record, and exits by the worst of them', async () => {
    const folder = emptyFolder();
    const { status, out } = await typed(['scenario', 'S03', 'S10', 'S13', '--host', 'simulator'], folder);
    expect(status).toBe(1);
    expect(out).toContain('S03, stack of one: passed');
    expect(out).toContain('S13, by command: failed (failure-is-justified');
    expect(out).toContain('2 passed, 1 failed, 0 blocked.');
    expect(readdirSync(join(folder, 'records')).sort()).toEqual(
      ['S03', 'S10', 'S13'].map(name => `${name}-home-manager-docker-compose-simulator.md`),
    );
    const record = readFileSync(join(folder, 'records/S13-home-manager-docker-compose-simulator.md'), 'utf8');
    expect(record).toMatch(/^# S13: failed\n/);
    expect(record).toContain('2. run the image update: status 125');
    expect(record).toContain('raw-image name is empty');
    expect(record).toMatch(/<summary>Before the first step<\/summary>[\s\S]*<summary>What was done and seen/);
  });

  test('keeps what a case breaks, shrunk, and names what the corpus holds already', async () => {
    const folder = emptyFolder();
    const args = ['scenario', 'S13', '--host', 'simulator', '--keep', 'kept'];
    const first = await typed(args, folder);
    expect(first.out).toContain('Saved: kept/failure-is-justified/auto-update.json');
    const entry = JSON.parse(readFileSync(join(folder, 'kept/failure-is-justified/auto-update.json'), 'utf8'));
    expect(entry).toMatchObject({
      steps: [{ operation: 'auto-update', args: {} }],
      expect: 'violated',
      found: { seed: 'S13, by command', run: 0, shrunkFrom: 2 },
    });
    const again = await typed(args, folder);
    expect(again.out).not.toContain('Saved');
    expect(again.out).toContain('  known: kept/failure-is-justified/auto-update.json');
    expect((await typed(['replay', '--corpus', 'kept', '--host', 'simulator'], folder)).status).toBe(0);
  });

  test('touches no machine, and writes nothing, where a scenario names an operation that there is not', async () => {
    const folder = emptyFolder();
    const project = projectWith({ idle: idle() });
    const { status, err } = await typed(['scenario', 'S03', '--host', 'simulator'], folder, { project });
    expect({ status, err }).toEqual({
      status: 3,
      err: expect.stringMatching(/S03\.ts, case "stack of one": .* found "change-image-tag"\s.*list operations/),
    });
    expect(existsSync(join(folder, 'records'))).toBe(false);
  });

  test('runs only the cases that are asked for, and names no machine where there are none', async () => {
    const args = (words: string) => ['scenario', 'S12', 'S03', '--host', 'simulator', '--case', words];
    const one = await typed(args('two changes'), emptyFolder());
    expect(one.out).toBe('S12, two changes: passed\n1 passed, 0 failed, 0 blocked.\n');
    const { status, err } = await typed(args('nonsense'), emptyFolder());
    expect({ status, err }).toEqual({
      status: 3,
      err: expect.stringContaining('--case, for S12, S03: expected words'),
    });
  });

  test('Ctrl-C begins nothing more, records nothing half done, and says what to type for the rest', async () => {
    const folder = emptyFolder();
    const interrupt = idle({ apply: pressingCtrlC, choices: '() => []' });
    const project = projectWith({ 'change-image-tag': interrupt }, [...catalog.operations.keys()]);
    const args = ['scenario', 'S10', 'S03', 'S12', '--host', 'simulator', '--out', 'r'];
    const { status, out } = await runStackfuzz(args, folder, { project });
    expect(out).toContain('\n1 passed, 0 failed, 0 blocked; stopped before the end of 2 more.\n');
    expect(out).toContain('\nTo go on: npx stackfuzz scenario S03 S12 --host simulator --out r\n');
    expect(out).not.toContain('S03, ');
    expect(readdirSync(join(folder, 'r'))).toEqual(['S10-home-manager-docker-compose-simulator.md']);
    expect(status).toBe(2);
  });

  test('makes 0 where all of it passed', async () => {
    expect((await typed(['scenario', 'S12', '--host', 'simulator'], emptyFolder())).status).toBe(0);
  });

  test('names the scenarios there are, for one that there is not', async () => {
    const { status, err } = await typed(['scenario', 'S99', '--host', 'simulator'], emptyFolder());
    expect({ status, err }).toEqual({ status: 3, err: expect.stringContaining('expected one of S01, S02') });
  });
});
