import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withDatabase } from '../src/history/database.ts';
import { migrations, withHistory } from '../src/history/history.ts';
import { median } from './median.ts';

/**
 * What `stackfuzz history` reads of so many nights on two hosts, each under two profiles, with five findings and thirty operations
 * in each.
 * usage: history.bench [ROUNDS] [NIGHTS]
 */
const [rounds = 5, nights = 100_000] = process.argv.slice(2).map(Number);
const subjects = ['wsl', 'igpu'].flatMap(host =>
  ['home-manager', 'hardened'].map(profile => [host, profile, 'docker-compose'] as const),
);
const folder = mkdtempSync(join(tmpdir(), 'stackfuzz-history-'));
const file = join(folder, 'history.db');
try {
  await withDatabase(file, migrations, ({ run, together }) =>
    together(() => {
      for (let at = 1; at <= 60; at++) run('INSERT INTO findings VALUES (?, ?, ?, ?)', [at, `p: ${at}`, 'p', 'P.']);
      for (let night = 1; night <= nights; night++) {
        const subject = subjects[night % subjects.length] ?? [];
        run('INSERT INTO nights VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', [
          ...[night, ...subject, night * 86_400_000, 60, 1, 7, 1, 5, 0, 0, 100, 4],
        ]);
        for (let nth = 0; nth < 5; nth++)
          run('INSERT INTO sightings VALUES (?, ?, ?, ?, ?, ?)', [
            ...[night, ((night + 7 * nth) % 60) + 1, 'corpus/x.json', '[]', null, 1],
          ]);
      }
      for (const subject of subjects) {
        for (let at = 1; at <= 60; at++)
          run('INSERT INTO standing VALUES (?, ?, ?, ?, ?, ?, ?, ?)', [
            ...[...subject, at, Math.min(at, nights), Math.max(1, nights - at), 5, at % 3 === 0 ? nights : null],
          ]);
        for (let at = 0; at < 100; at++)
          run('INSERT INTO totals VALUES (?, ?, ?, ?, ?, ?, ?, ?)', [...subject, `operation-${at}`, nights, 0, 0, 0]);
      }
    }),
  );
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    const of = round % 2 === 0 ? undefined : { host: 'wsl' };
    await withHistory(file, history => [history.standing(of), history.nights(14, of), history.coverage(of)]);
    times.push(performance.now() - begun);
  }
  console.log(
    `history of ${nights} nights: ${median(times).toFixed(0)} ms (median of ${rounds}; below 1000 is the goal)`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
