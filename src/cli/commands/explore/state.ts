import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import type { ExploreStanding } from '../../../engine/explore/search.ts';
import { codeOf, makeFolder, writeOver } from '../../../files.ts';
import { home } from '../../../home.ts';
import { Problem } from '../../../problem.ts';
import { type Chosen, profileOf } from './explored.ts';

/** The head of a file: the format of the rest, and what was explored. */
interface Head {
  readonly format: 1;
  readonly chosen: Chosen;
  readonly depth: number;
  /** Hash of everything that decides the findings. */
  readonly fingerprint: string;
}

/** An exploration that was stopped. */
export interface KeptExploration {
  readonly chosen: Chosen;
  readonly depth: number;
  readonly standing: ExploreStanding;
}

/** The default file of the state. */
export const usualState = ({ profile, provider }: Chosen, depth: number): string =>
  join('.stackfuzz', `explore-${profile}-${provider}-${depth}.state`);

/** Saves what is needed to go on; the file is replaced all at once. */
export async function keepState(file: string, { chosen, depth, standing }: KeptExploration): Promise<void> {
  const head: Head = { format: 1, chosen, depth, fingerprint: fingerprintOf(chosen) };
  await makeFolder(dirname(file));
  await writeOver(file, Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), serialize(standing)]));
}

export const dropState = (file: string): Promise<void> => rm(file, { force: true });

/**
 * Reads a saved state.
 * @throws Problem for a file that is not one, or that another catalog, profile or version of stackfuzz wrote.
 */
export async function readState(file: string): Promise<KeptExploration> {
  const wrong = (expected: string, found: string, next: string): Problem =>
    new Problem({ expected, found, where: `--resume ${file}`, next });
  const again = 'Explore from the start: leave out --resume.';
  const bytes = await readFile(file).catch((error: unknown) => {
    throw wrong('the state of an exploration', `no file that can be read (${codeOf(error)})`, again);
  });
  const end = bytes.indexOf('\n');
  let head: Partial<Head> | null = null;
  try {
    head = JSON.parse(bytes.subarray(0, Math.max(end, 0)).toString('utf8')) as Partial<Head> | null;
  } catch {
    // Reported below.
  }
  if (head?.chosen === undefined || head.depth === undefined) {
    throw wrong('the state of an exploration', 'something else', again);
  }
  if (head.format !== 1) throw wrong('format 1', `format ${JSON.stringify(head.format)}`, again);
  if (head.fingerprint !== fingerprintOf(head.chosen)) {
    throw wrong(
      'a state of the operations, promises and profile as they are now',
      'one that was kept by others, since when something has changed',
      again,
    );
  }
  try {
    return {
      chosen: head.chosen,
      depth: head.depth,
      standing: deserialize(bytes.subarray(end + 1)) as ExploreStanding,
    };
  } catch {
    throw wrong('a whole file', 'one that is damaged, or of another version of Node', again);
  }
}

/** What decides which states there are: models, promises, simulator and engine as they are built, and the profile. */
function fingerprintOf(chosen: Chosen): string {
  const hash = createHash('sha256');
  const add = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) add(path);
      else if (/\.[cm]?[jt]s$/.test(entry.name)) hash.update(entry.name).update(readFileSync(path));
    }
  };
  for (const folder of ['models', 'properties', 'src/engine', 'src/hosts/simulator']) {
    add(fileURLToPath(new URL(`${folder}/`, home)));
  }
  for (const folder of chosen.models ?? []) add(folder);
  const { files: _, directory: __, ...said } = profileOf(chosen);
  hash.update(JSON.stringify(said));
  return hash.digest('hex');
}
