import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildRoot, labAvailable } from '../../src/hosts/lab/index.ts';
import { emptyFolder, idle, projectWith, typed } from '../helpers/command.ts';

const lab = labAvailable();
const example = fileURLToPath(new URL('../../docs/examples/media', import.meta.url));

describe.skipIf(!lab.ok)(`--stacks${lab.ok ? '' : ` (skipped: ${lab.fix})`}`, () => {
  let project: string;
  beforeAll(async () => {
    await buildRoot();
    const apply =
      'async host => { await host.container("remove", "media", "server"); return { ok: true, status: 0, message: "" }; }';
    project = projectWith({ break: idle({ apply }) });
  }, 900_000);

  test('a finding and its report say which compose files it was found with, and a replay finds them again', async () => {
    const folder = emptyFolder();
    cpSync(example, join(folder, 'media'), { recursive: true });
    const search = ['--host', 'simulator', '--schedule', 'walks', '--runs', '1', '--steps', '2', '--seed', '1'];
    const found = await typed(['fuzz', '--stacks', 'media', ...search, '--json', 'report.json'], folder, { project });
    expect(found.err).toContain('media/compose.yaml:54: vpn.devices: left out');
    const saved = found.out.match(/^Saved: (.*)$/m)?.[1] ?? 'nothing was saved';
    const entry = JSON.parse(readFileSync(join(folder, saved), 'utf8')) as { stacks: unknown; explanation: string[] };
    expect(entry.stacks).toEqual(['media']);
    expect(entry.explanation.join('\n')).toContain('stacks of media');
    expect(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'))).toMatchObject({ stacks: ['media'] });

    const again = await typed(['replay', saved, '--host', 'simulator'], folder, { project });
    expect({ out: again.out, status: again.status }).toMatchObject({
      status: 0,
      out: expect.stringContaining('as expected'),
    });

    const elsewhere = emptyFolder();
    writeFileSync(join(elsewhere, 'entry.json'), JSON.stringify(entry));
    const without = await typed(['replay', 'entry.json', '--host', 'simulator'], elsewhere, { project });
    expect(without).toMatchObject({ status: 3, err: expect.stringContaining('--stacks names others') });
    const named = ['replay', 'entry.json', '--host', 'simulator', '--stacks', join(folder, 'media')];
    expect(await typed(named, elsewhere, { project })).toMatchObject({ status: 0 });
  });

  test('a night is had with them, and its findings are no other night’s', async () => {
    const folder = emptyFolder();
    cpSync(example, join(folder, 'media'), { recursive: true });
    const few = ['--schedule', 'walks', '--runs', '1', '--seed', '1', '--history', 'history.db'];
    const night = async (...more: string[]) => {
      const { out } = await typed(['nightly', '--host', 'simulator', ...few, ...more], folder, { project });
      return out.match(/^simulator.*(?=: violated)|\d+ new, \d+ known, \d+ gone/gm);
    };
    expect(await night('--stacks', 'media')).toEqual(['simulator with media', '1 new, 0 known, 0 gone']);
    await night();
    expect(await night('--stacks', 'media')).toEqual(['simulator with media', '0 new, 1 known, 0 gone']);
  });
});
