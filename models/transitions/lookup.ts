import { quadletDirectoryOf } from '../machine/quadlets.ts';
import { everyDirectory, isFirstTarget, verbDirectories } from '../machine/search-path.ts';
import type { OnDisk } from '../observation.ts';
import { type Loaded, type Lookup, laidOut, type StackWorld, type World } from '../world.ts';
import { isUnitFile, lookedAround, resolve, sameFiles, stackIn, stackPaths, withStack } from './systemd.ts';

type Files = Readonly<Record<string, OnDisk>>;

/** The directories that systemctl's verbs write to; the manager ignores their modification times. */
const ownDirectories = (['~/.config/systemd/user', '/etc/systemd/system'] as const).flatMap(owner => {
  const { control, runtimeControl, transient } = verbDirectories(owner);
  return [control, runtimeControl, transient];
});
const isOwn = (path: string): boolean => ownDirectories.some(directory => path.startsWith(`${directory}/`));

/**
 * The world with other files in the search path for a stack. This alone makes the manager read nothing; it may look at the
 * directories again when it next loads a unit.
 */
export function withFiles(world: World, stack: string, given: Files): World {
  const was = stackIn(world, stack).files;
  const files = followed(given);
  const after = withStack(world, stack, { files });
  const [before, now] = [dropInDirectories(was), findDropInDirectories(files)];
  const made = now.filter(directory => !before.includes(directory) && !isThere(world, directory));
  const emptied = before.filter(directory => !now.includes(directory) && !isThere(after, directory));
  const units = changedUnits(was, files, stack);
  const moved = units.filter(path => isUnitFile(was[path]) !== isUnitFile(files[path]));
  const { empty } = world.lookup;
  const { isDue, unnoticed } = changed(world.lookup, [...units, ...made], [...moved, ...made]);
  return laidOut(after, {
    lookup: {
      isDue,
      unnoticed,
      empty: emptied.length === 0 && now.length === 0 ? empty : stillEmpty(empty, emptied, now),
    },
  });
}

/** The same files; a link to another of them has the content that is there now. */
export function followed(files: Files): Files {
  if (!hasLink(files)) return files;
  const links = Object.entries(files).filter(([, file]) => file.kind === 'link' && isInSearchPath(file.target));
  if (links.length === 0) return files;
  const now = links.map(([path, file]) => {
    const target = files[(file as OnDisk & { kind: 'link' }).target];
    const definition = target === undefined || target.kind === 'directory' ? null : target.definition;
    return [path, { ...file, definition } as OnDisk] as const;
  });
  return { ...files, ...Object.fromEntries(now) };
}

function hasLink(files: Files): boolean {
  for (const path in files) if (files[path]?.kind === 'link') return true;
  return false;
}

const isInSearchPath = (target: string): boolean =>
  everyDirectory.some(directory => target.startsWith(`${directory}/`));

/** Directories of drop-ins that stay after their files are gone; a directory with files in it is not empty. */
const stillEmpty = (empty: readonly string[], emptied: readonly string[], filled: readonly string[]) =>
  [...empty, ...emptied].filter(directory => !filled.includes(directory)).sort();

/** Whether a directory of drop-ins exists, empty or not. */
const isThere = ({ lookup, stacks }: World, directory: string): boolean =>
  lookup.empty.includes(directory) ||
  Object.values(stacks).some(({ files }) => dropInDirectories(files).includes(directory));

/** The unit files of a stack that have changed, and those of the target that wants it. */
function changedUnits(was: Files, files: Files, stack: string): readonly string[] {
  const { isUnit } = stackPaths(stack);
  const changed: string[] = [];
  const isOne = (path: string): boolean => isUnit.has(path) || isFirstTarget(path);
  for (const path in files) if (files[path] !== was[path] && isOne(path)) changed.push(path);
  for (const path in was) if (files[path] === undefined && isOne(path)) changed.push(path);
  return changed;
}

/** The same for files that are there before each of many steps; computed once. */
function dropInDirectories(files: Files): readonly string[] {
  let found = directoriesIn.get(files);
  if (found === undefined) {
    found = findDropInDirectories(files);
    directoriesIn.set(files, found);
  }
  return found;
}

const directoriesIn = new WeakMap<Files, readonly string[]>();
const none: readonly string[] = [];

/** The directories that hold a drop-in; usually there are none. */
function findDropInDirectories(files: Files): readonly string[] {
  let found = none;
  for (const path in files) {
    // Those of quadlet files are read by podman's generator, and not by the manager.
    if (!path.endsWith('.conf') || quadletDirectoryOf(path) !== undefined) continue;
    const directory = folderOf(path);
    if (!found.includes(directory)) found = [...found, directory];
  }
  return found;
}

/** The directory of a drop-in. */
export const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

/** What the manager knows after something changed at these paths, and appeared or disappeared at those. */
function changed(
  { isDue, unnoticed }: Omit<Lookup, 'empty'>,
  at: readonly string[],
  moved: readonly string[],
): Omit<Lookup, 'empty'> {
  if (isDue || at.some(path => !isOwn(path))) return { isDue: true, unnoticed: none };
  // A file that appeared and disappeared again, or the reverse, is as before.
  const [back, news] = [
    moved.filter(path => unnoticed.includes(path)),
    moved.filter(path => !unnoticed.includes(path)),
  ];
  return { isDue, unnoticed: [...unnoticed.filter(path => !back.includes(path)), ...news].sort() };
}

/**
 * The world after somebody has asked the manager for every unit, as every look does. A unit that is inactive and not wanted is
 * not kept in memory, and is loaded anew each time. A unit that was not found is loaded again only if the manager has a reason
 * to look at the directories again (systemd's manager_unit_cache_should_retry_load).
 */
export function looked(world: World): World {
  if (world.manager === 'down') return world;
  const { isDue } = world.lookup;
  // The units of removed stacks are asked for too, and are not found.
  if (!isDue && !isAnyLoadedAnew(world)) return world;
  const asked = Object.keys(world.stacks).filter(stack => isLoadedAnew(stackIn(world, stack), isDue));
  const isAskedFor = isDue && Object.keys(world.revisions).some(stack => world.stacks[stack] === undefined);
  return asked.length === 0 && !isAskedFor ? world : asked.reduce(loadedAnew, lookedAroundIf(isDue, world));
}

function isAnyLoadedAnew({ stacks }: World): boolean {
  for (const stack in stacks) if (isLoadedAnew(stacks[stack] as StackWorld, false)) return true;
  return false;
}

const lookedAroundIf = (isDue: boolean, world: World): World => (isDue ? lookedAround(world) : world);

const isLoadedAnew = ({ active, wanted, loaded }: StackWorld, isDue: boolean): boolean =>
  (active === 'inactive' && !wanted) || (isDue && loaded.loadState === 'not-found');

/**
 * A unit that is found again while it is active or failed gets the load state `error`: its slice can no longer be set (seen on
 * systemd 257).
 */
function loadedAnew(world: World, stack: string): World {
  const at = stackIn(world, stack);
  const found = resolve(at.files, stack, world.setup.traits, world.lookup.unnoticed);
  const read: Loaded =
    found.loadState === 'loaded' && at.active !== 'inactive' ? { ...found, loadState: 'error' } : found;
  // No generator runs for it.
  const loaded = at.loaded.parts === undefined ? read : { ...read, parts: at.loaded.parts };
  const isSame = loaded.loadState === at.loaded.loadState && sameFiles(loaded, at.loaded);
  return isSame ? world : withStack(world, stack, { loaded });
}
