import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Problem } from '../../../problem.ts';
import { run, tail } from '../../transport/shell.ts';
import { clean } from '../machine/clean.ts';
import { madeOnce, removeTree } from '../register/once.ts';
import { cacheDirectory } from '../register/paths.ts';
import { isInUse } from '../register/register.ts';
import { requireLab, requireRoom } from './available.ts';
import { type Building, bake } from './bake.ts';
import { hashOf, type Recipe, recipeOf, type Suite } from './recipe.ts';
import { settle } from './settle.ts';

/** What is built, and who is told about the progress. */
export interface BuildOptions {
  readonly suite?: Suite;
  readonly say?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** The directory of a suite's root by today's recipe, whether it is built or not. */
const builtDirectory = (suite: Suite): string => join(cacheDirectory(), `${suite}-${hashOf(recipeOf(suite))}`);

/** Builds the root of a suite unless it exists; returns the directory that contains `root`. */
export async function buildRoot(options: BuildOptions = {}): Promise<string> {
  const suite = options.suite ?? 'trixie';
  const say = options.say ?? (() => {});
  requireLab();
  const directory = builtDirectory(suite);
  if (existsSync(join(directory, 'root'))) return directory;
  const once = {
    folder: cacheDirectory(),
    name: basename(directory),
    key: suite,
    doing: `builds a Debian ${suite} root`,
    say,
    ...(options.signal !== undefined && { signal: options.signal }),
  };
  const { isNew } = await madeOnce(once, async (scratch, held) => {
    await clean(say); // a machine of a killed build may use what that build left
    await requireRoom(cacheDirectory(), 2 * 2 ** 30);
    await buildIn(scratch, recipeOf(suite), { held, say, signal: options.signal });
  });
  if (isNew) forgetOld(suite, directory, say);
  return directory;
}

async function buildIn(scratch: string, recipe: Recipe, building: Building): Promise<void> {
  const { say, held } = building;
  const root = join(scratch, 'root');
  say(`building a Debian ${recipe.suite} root (a minute or two, once)`);
  await debootstrap(scratch, recipe, building);
  say('writing its settings');
  await settle(root, recipe, held);
  say('booting it once to bake the probe images into its registry');
  await bake(scratch, recipe, building);
  writeFileSync(join(scratch, 'recipe.json'), `${JSON.stringify(recipe, null, 2)}\n`);
}

/** The packages, without documentation and translations: nobody reads them here, and they are a third of the files. */
async function debootstrap(scratch: string, recipe: Recipe, { held, signal }: Building): Promise<void> {
  // If mmdebstrap is killed, what it keeps for itself is removed with the rest.
  const [root, temporary] = [join(scratch, 'root'), join(scratch, 'tmp')];
  for (const folder of [root, temporary]) await mkdir(folder, { mode: 0o755 });
  const mirror = process.env.STACKFUZZ_MIRROR;
  const options = [
    ...['--mode=root', '--variant=apt', `--include=${recipe.packages.join(',')}`],
    ...recipe.leftOut.map(path => `--dpkgopt=path-exclude=${path}`),
    '--aptopt=Acquire::Languages "none"',
  ];
  const args = [...options, '--', recipe.suite, root, ...(mirror === undefined ? [] : [mirror])];
  const env = { TMPDIR: temporary };
  const bounds = { timeoutMs: 20 * 60_000, diesWithUs: 'tree' as const, lent: held, env };
  const done = await run('mmdebstrap', args, signal === undefined ? bounds : { ...bounds, signal });
  if (done.status === 0) return removeTree(temporary);
  throw new Problem({
    expected: 'mmdebstrap to build a root (it needs a Debian mirror)',
    found: `exit status ${done.status}, and this at the end of its log:\n${tail(done.stderr)}`,
    where: `lab, ${recipe.suite}`,
    next: 'mend that; for another mirror: export STACKFUZZ_MIRROR=URL',
  });
}

/** Keeps this root and the one built before it; removes the others, unless a machine uses them. */
function forgetOld(suite: Suite, current: string, say: (line: string) => void): void {
  forgetBeyond(1, cacheDirectory(), name => name.startsWith(`${suite}-`) && name !== basename(current), say);
}

/**
 * Of the directories in a folder whose names match, keeps this number of the last used; removes the others, unless a machine
 * uses them. Another run may do the same at the same time: failures are reported, and stop nothing.
 */
export function forgetBeyond(
  most: number,
  folder: string,
  isMeant: (name: string) => boolean,
  say: (line: string) => void,
): void {
  const old = readdirSync(folder)
    .filter(isMeant)
    .map(name => join(folder, name))
    .flatMap(place => {
      const time = statSync(place, { throwIfNoEntry: false })?.mtimeMs;
      return time === undefined || isInUse(place) ? [] : [{ place, time }];
    })
    .sort((a, b) => b.time - a.time)
    .slice(most);
  for (const { place } of old) {
    try {
      removeTree(place);
    } catch (error) {
      say(`${place}, which is no longer needed, could not be removed: ${(error as Error).message}`);
    }
  }
}

/** The root of a suite, if it is built already; otherwise null. */
export function builtRoot(suite: Suite = 'trixie'): string | null {
  const root = join(builtDirectory(suite), 'root');
  return existsSync(root) ? root : null;
}
