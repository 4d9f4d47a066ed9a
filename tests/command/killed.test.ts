import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { readCorpus } from '../../src/corpus/store.ts';
import { withHistory } from '../../src/history/history.ts';
import { casesInShare, oneInTurn } from '../../src/setup/share.mjs';
import { type Ended, emptyFolder, idle, projectWith, runStackfuzz } from '../helpers/command.ts';

const killer = pathToFileURL(fileURLToPath(new URL('../fixtures/kill-at.mjs', import.meta.url))).href;

/** Where a finding is saved for which the corpus has no room. */
const elsewhere = emptyFolder();

const breaking = idle({
  apply: 'async host => { await host.container("remove", "web", "app"); return { ok: true, status: 0, message: "" }; }',
});

/**
 * A night on a simulated machine with one finding: it saves an entry with evidence, the record of what was tried, reports and
 * history.
 */
const night = (project: string, folder: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  runStackfuzz(
    [
      ...['nightly', '--host', 'simulator', '--corpus', 'corpus', '--schedule', 'walks', '--runs', '1', '--seed', '5'],
      ...['--history', 'history.db', '--json', 'night.json', '--report', 'night.html'],
    ],
    folder,
    { project, env: { NODE_OPTIONS: `--import ${killer}`, TMPDIR: elsewhere, ...env } },
  );

test('a killed night loses nothing that it said to have saved, and leaves nothing half written', async () => {
  const project = projectWith({ break: breaking });
  const whole = emptyFolder();
  const counted = join(emptyFolder(), 'count');
  const undisturbed = await night(project, whole, { STACKFUZZ_COUNT_TO: counted });
  expect(undisturbed, undisturbed.err).toMatchObject({ status: 1 });
  const changes = Number(readFileSync(counted, 'utf8'));
  expect(changes).toBeGreaterThan(20);
  const all = Array.from({ length: changes }, (_, at) => at + 1);
  // Each takes two nights.
  for (const at of oneInTurn(all)) {
    const folder = emptyFolder();
    const killed = await night(project, folder, { STACKFUZZ_KILL_AT: String(at) });
    await looked(killed, folder, at);
    // Whatever was left, the next night goes on from it.
    const again = await night(project, folder);
    expect(again, `${at}: ${again.err}`).toMatchObject({ status: 1 });
    await looked(again, folder, at);
    expect((await readCorpus(join(folder, 'corpus'))).entries, `${at}`).toHaveLength(1);
  }
}, 1_800_000);

test.skipIf(process.getuid?.() !== 0)('a disk that is full loses nothing of what was said to be saved', async () => {
  const project = projectWith({ break: breaking });
  for (const size of casesInShare(['4k', '12k', '24k', '48k', '72k', '96k', '128k', '192k'])) {
    const folder = emptyFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'small', folder]);
    try {
      const ended = await night(project, folder);
      expect(ended.status, `${size}: ${ended.err}`).not.toBe(0);
      expect(ended.status, `${size}: ${ended.err}`).not.toBe(255);
      await looked(ended, folder, size);
    } finally {
      execFileSync('umount', ['--lazy', folder]);
    }
  }
});

async function looked({ out }: Ended, folder: string, at: number | string): Promise<void> {
  for (const [, path = ''] of out.matchAll(/^Saved: (.*)$/gm))
    expect(existsSync(resolve(folder, path)), `${at}: ${path}`).toBe(true);
  if (existsSync(join(folder, 'corpus'))) {
    const { entries, problems } = await readCorpus(join(folder, 'corpus'));
    expect(problems, `${at}`).toEqual([]);
    expect(
      entries.filter(({ missing }) => missing !== undefined),
      `${at}`,
    ).toEqual([]);
  }
  for (const [name, end] of [
    ['night.json', '}\n'],
    ['night.html', '</html>\n'],
  ] as const)
    if (existsSync(join(folder, name)))
      expect(readFileSync(join(folder, name), 'utf8').endsWith(end), `${at}: ${name}`).toBe(true);
  // A copy is opened, since opening a database that was cut off repairs it, and needs space.
  const copy = emptyFolder();
  for (const name of readdirSync(folder).filter(each => /^history\.db(-journal)?$/.test(each)))
    copyFileSync(join(folder, name), join(copy, name));
  const nights = await withHistory(join(copy, 'history.db'), history => history.nights(9));
  expect(nights.length, `${at}`).toBeGreaterThanOrEqual(/^simulator: violated: /m.test(out) ? 1 : 0);
}
