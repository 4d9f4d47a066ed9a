import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildRoot, labAvailable } from '../src/hosts/lab/index.ts';
import { composeFilesIn } from '../src/stacks/find.ts';
import { namedFiles } from '../src/stacks/named-files.ts';
import { resolved } from '../src/stacks/provider.ts';
import { readStacks } from '../src/stacks/read.ts';
import { median } from './median.ts';

/**
 * How long it takes to read so many compose files of 200 lines, beside docker compose alone, in turns.
 * usage: stacks.bench [ROUNDS] [FILES]
 */
const [rounds = 9, files = 10] = process.argv.slice(2).map(Number);

/** 25 services of 8 lines each. */
const text = (nth: number): string =>
  `services:\n${Array.from(
    { length: 25 },
    (_, service) => `  service${service}:
    image: registry.example/image:${service}
    restart: unless-stopped
    environment:
      LEVEL: \${LEVEL:-info}
    ports: ["${20_000 + nth * 100 + service}:80"]
    volumes: ["data:/data"]
    depends_on: [${service === 0 ? '' : `service${service - 1}`}]`,
  ).join('\n')}\nvolumes:\n  data:\n`;

if (!labAvailable().ok) {
  console.log('stacks: not measured, for want of a lab');
  process.exit(0);
}
await buildRoot();
const folder = mkdtempSync(join(tmpdir(), 'stackfuzz-bench-'));
try {
  for (let nth = 0; nth < files; nth++) {
    mkdirSync(join(folder, `stack${nth}`));
    writeFileSync(join(folder, `stack${nth}`, 'compose.yaml'), text(nth));
  }
  const given = composeFilesIn([folder]);
  const unresolved = given.map(each => ({
    ...each,
    folder: `stack`,
    below: '',
    texts: namedFiles(each.folder, each.files).texts,
  }));
  const times = { whole: [] as number[], provider: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    for (const way of round % 2 === 0 ? (['whole', 'provider'] as const) : (['provider', 'whole'] as const)) {
      const begun = performance.now();
      const done = way === 'whole' ? readStacks(given, 'v1').length : resolved(unresolved).length;
      if (done !== files) throw new Error(`${done} of ${files} files were read`);
      times[way].push(performance.now() - begun);
    }
  }
  const [whole, provider] = [median(times.whole), median(times.provider)];
  console.log(
    `reading ${files} compose files of 200 lines: ${whole.toFixed(0)} ms, docker compose alone ${provider.toFixed(0)} ms: ${(whole / provider).toFixed(2)} x, ${(whole - provider).toFixed(0)} ms of our own (medians of ${rounds}; below 1000 ms is the goal)`,
  );
} finally {
  rmSync(folder, { recursive: true });
}
