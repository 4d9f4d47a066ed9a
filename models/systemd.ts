import type { OnDisk } from './observation.ts';
import { dropInPath, searchPath, unitPath } from './search-path.ts';
import type { Loaded, World } from './world.ts';

/**
 * The definition that a manager must load for a stack's unit from these files: the strongest unit file wins (facts.md
 * F1); of two drop-ins with the same name the strongest wins and the other vanishes (F6).
 * Null where no file defines the unit.
 */
export function resolve(files: Readonly<Record<string, OnDisk>>, stack: string): Loaded | null {
  const paths = pathsOf(stack);
  const fragmentPath = firstOf(paths.units, files);
  if (fragmentPath === undefined) return null;
  const fragment = definitionAt(files, fragmentPath);
  if (fragment === null || fragment.revision === null) return null;
  const dropIn = firstOf(paths.dropIns, files);
  const marker = dropIn === undefined ? fragment.marker : (definitionAt(files, dropIn)?.marker ?? fragment.marker);
  return { fragmentPath, dropInPaths: dropIn === undefined ? [] : [dropIn], revision: fragment.revision, marker };
}

/** The paths at which a stack's unit and its drop-ins can stand, strongest first. */
export function pathsOf(stack: string): { readonly units: readonly string[]; readonly dropIns: readonly string[] } {
  let paths = places.get(stack);
  if (paths === undefined) {
    paths = {
      units: searchPath.map(directory => unitPath(directory, stack)),
      dropIns: searchPath.map(directory => dropInPath(directory, stack)),
    };
    places.set(stack, paths);
  }
  return paths;
}

const places = new Map<string, { units: readonly string[]; dropIns: readonly string[] }>();

function firstOf(paths: readonly string[], files: Readonly<Record<string, OnDisk>>): string | undefined {
  for (const path of paths) if (files[path] !== undefined) return path;
  return undefined;
}

/** The world after the manager has read every unit file again. A unit without a file keeps what was loaded (F14). */
export function reloaded(world: World): World {
  return eachStack(world, (stack, at) => ({ ...at, loaded: resolve(at.files, stack) ?? at.loaded }));
}

/** The world with every stack changed by a rule. */
export function eachStack(
  world: World,
  change: (stack: string, at: World['stacks'][string]) => World['stacks'][string],
): World {
  const stacks: Record<string, World['stacks'][string]> = {};
  for (const stack in world.stacks) stacks[stack] = change(stack, stackIn(world, stack));
  return { ...world, stacks };
}

/** The world with one stack changed. */
export const withStack = (world: World, stack: string, change: Partial<World['stacks'][string]>): World => ({
  ...world,
  stacks: { ...world.stacks, [stack]: { ...stackIn(world, stack), ...change } },
});

/** What we believe of a stack. @throws where there is no such stack: a mistake in an operation. */
export function stackIn(world: World, stack: string): World['stacks'][string] {
  const found = world.stacks[stack];
  if (found === undefined) throw new Error(`the world has no stack ${stack}`);
  return found;
}

function definitionAt(files: Readonly<Record<string, OnDisk>>, path: string) {
  const file = files[path];
  return file === undefined || file.kind === 'directory' ? null : file.definition;
}
