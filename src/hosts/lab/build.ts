import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Problem } from '../../problem.ts';
import { run, tail } from '../shell.ts';
import { requireLab, requireRoom } from './available.ts';
import { bake } from './bake.ts';
import { locked } from './lock.ts';
import { cacheDirectory } from './paths.ts';
import { hashOf, type Recipe, recipeOf, type Suite } from './recipe.ts';
import { registered } from './register.ts';
import { settle } from './settle.ts';

/** What is built, and who is told how it goes. */
export interface BuildOptions {
  readonly suite?: Suite;
  readonly say?: (line: string) => void;
}

/** The directory of a suite's root as today's recipe makes it; whether it is built or not. */
export const builtDirectory = (suite: Suite): string => join(cacheDirectory(), `${suite}-${hashOf(recipeOf(suite))}`);

/** Build the root of a suite unless it stands already; hands back the directory in which `root` stands. */
export async function build(options: BuildOptions = {}): Promise<string> {
  const suite = options.suite ?? 'trixie';
  const say = options.say ?? (() => {});
  requireLab();
  const directory = builtDirectory(suite);
  if (existsSync(join(directory, 'root'))) return directory;
  return locked(`build-${basename(directory)}`, async () => {
    if (existsSync(join(directory, 'root'))) return directory; // another run was first
    mkdirSync(cacheDirectory(), { recursive: true });
    const half = join(cacheDirectory(), `.half-${basename(directory)}`);
    rmSync(half, { recursive: true, force: true }); // of a run that was killed: we hold the lock
    await requireRoom(cacheDirectory(), 2 * 2 ** 30);
    try {
      await buildIn(half, recipeOf(suite), say);
      renameSync(half, directory);
    } catch (error) {
      rmSync(half, { recursive: true, force: true });
      throw error;
    }
    forgetOld(suite, directory);
    return directory;
  });
}

async function buildIn(half: string, recipe: Recipe, say: (line: string) => void): Promise<void> {
  const root = join(half, 'root');
  mkdirSync(root, { recursive: true });
  say(`building a Debian ${recipe.suite} root (a minute or two, once)`);
  await debootstrap(root, recipe);
  say('writing its settings');
  await settle(root, recipe);
  say('booting it once to bake the probe images into its registry');
  await bake(half, recipe);
  writeFileSync(join(half, 'recipe.json'), `${JSON.stringify(recipe, null, 2)}\n`);
}

/** The packages, without documentation and translations: nobody reads them here, and they are a third of the files. */
async function debootstrap(root: string, recipe: Recipe): Promise<void> {
  const mirror = process.env.STACKFUZZ_MIRROR;
  const options = [
    ...['--mode=root', '--variant=apt', `--include=${recipe.packages.join(',')}`],
    ...recipe.leftOut.map(path => `--dpkgopt=path-exclude=${path}`),
    '--aptopt=Acquire::Languages "none"',
  ];
  const args = [...options, recipe.suite, root, ...(mirror === undefined ? [] : [mirror])];
  const done = await run('mmdebstrap', args, { timeoutMs: 20 * 60_000 });
  if (done.status === 0) return;
  throw new Problem({
    expected: 'mmdebstrap to build a root (it needs a Debian mirror)',
    found: `exit status ${done.status}, and this at the end of its log:\n${tail(done.stderr)}`,
    where: `lab, ${recipe.suite}`,
    next: 'mend that; for another mirror: export STACKFUZZ_MIRROR=URL',
  });
}

/** Keep this root and the one built before it; the others go, unless a machine stands on them. */
function forgetOld(suite: Suite, current: string): void {
  const inUse = registered().flatMap(entry => entry.lowers);
  readdirSync(cacheDirectory())
    .filter(name => name.startsWith(`${suite}-`))
    .map(name => join(cacheDirectory(), name))
    .filter(directory => directory !== current && !inUse.some(lower => lower.startsWith(`${directory}/`)))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
    .slice(1)
    .forEach(directory => {
      rmSync(directory, { recursive: true, force: true });
    });
}
