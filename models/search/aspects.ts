import { ownQuadlets, quadletDirectoryOf, quadletPath } from '../machine/quadlets.ts';
import { searchPathOf } from '../machine/search-path.ts';
import type { OnDisk } from '../observation.ts';
import { driftedOf, ownedFiles } from '../transitions/generations.ts';
import { stackIn } from '../transitions/systemd.ts';
import type { World } from '../world.ts';
import { interesting } from './interesting.ts';

/**
 * What is special about a world, in a few words each: which of the interesting states it is in, and what has drifted and how.
 * Where a stack is named, only about that stack and the machine as a whole.
 */
export function aspects(world: World, stack?: string): readonly string[] {
  const found: string[] = [];
  for (const [name, holds] of interesting) if (holds(world, stack) && !isUsual.has(name)) found.push(name);
  const drifts = new Set<string>();
  for (const each of stack === undefined ? Object.keys(world.stacks) : [stack])
    if (world.stacks[each] !== undefined) for (const drift of driftsOf(world, each)) drifts.add(drift);
  return [...found, ...drifts];
}

/** Left out: what the drift already says, and states that nearly every machine reaches and stays in. */
const isUsual = new Set(['something has drifted', 'a generation can be rolled back to']);

/** What has drifted: whether the place is stronger than the owner's, what should be there, and what is there. */
function driftsOf(world: World, stack: string): readonly string[] {
  const { files } = stackIn(world, stack);
  const owned = ownedFiles(world, world.installed, stack);
  return driftedOf(world, stack).map(path => `${placeOf(world, path)} ${stateOf(files[path], owned[path])}`);
}

function placeOf(world: World, path: string): string {
  const quadlets = quadletDirectoryOf(path) !== undefined;
  const searchPath: readonly string[] = quadlets ? quadletPath : searchPathOf(world.setup.owner);
  const rank = searchPath.findIndex(each => path.startsWith(`${each}/`));
  const owner = searchPath.indexOf(quadlets ? ownQuadlets : world.setup.owner);
  const where = rank === owner ? "the owner's" : rank < owner ? 'a stronger' : 'a weaker';
  const file = quadlets ? 'quadlet file' : path.includes('.wants/') ? 'wants link' : 'unit';
  const dropIn = quadlets ? 'quadlet drop-in' : 'drop-in';
  return `${where} ${path.endsWith('.conf') ? dropIn : file}`;
}

function stateOf(now: OnDisk | undefined, owned: OnDisk | undefined): string {
  if (now === undefined) return 'is gone';
  const what = now.kind === 'link' && now.target === '/dev/null' ? 'mask' : now.kind;
  return owned === undefined ? `is a stray ${what}` : `is a ${what} of another`;
}
