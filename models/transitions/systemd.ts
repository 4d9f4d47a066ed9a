import {
  alsoWantsPath,
  dropInDirectory,
  everyDirectory,
  isFirstTarget,
  unitOf,
  unitPath,
  wantsPath,
} from '../machine/search-path.ts';
import { debian13, type MachineTraits } from '../machine/traits.ts';
import type { OnDisk } from '../observation.ts';
import { type Loaded, laidOut, type StackWorld, type Traits, type World } from '../world.ts';
import { endsGenerator, generatedParts } from './generated-parts.ts';

type Files = Readonly<Record<string, OnDisk>>;

/** A unit without a file. */
const notFound: Loaded = {
  loadState: 'not-found',
  fragmentPath: '',
  dropInPaths: [],
  revision: null,
  marker: null,
};

/**
 * The definition that a manager must load for a stack's unit from these files: the strongest unit file wins (facts.md F1). A
 * directory is skipped; a dangling link is not, and gives no definition; a link to /dev/null and an empty file are masks (F4,
 * F9). A file that the manager has not noticed (`Lookup.unnoticed`) counts as it was when the manager last looked at the
 * directories; if it has gone since, it gives no definition.
 */
export function resolve(
  files: Files,
  stack: string,
  traits: Reading = debian13,
  unnoticed: readonly string[] = none,
): Loaded {
  const loaded = resolved(files, stack, traits, unnoticed);
  return traits.quadlets ? { ...loaded, parts: generatedParts(files, stack) } : loaded;
}

function resolved(files: Files, stack: string, { masksKeepDropIns }: Reading, unnoticed: readonly string[]): Loaded {
  const fragmentPath = stackPaths(stack).units.find(path => isUnitFile(files[path]) !== unnoticed.includes(path));
  const file = fragmentPath === undefined ? undefined : files[fragmentPath];
  if (fragmentPath === undefined || file === undefined || file.kind === 'directory' || isDangling(file))
    return notFound;
  const masked = isMask(file);
  if (masked && !masksKeepDropIns)
    return { loadState: 'masked', fragmentPath, dropInPaths: none, revision: null, marker: null };
  const dropInPaths = dropInsOf(files, stack, unnoticed);
  const revision = file.definition?.revision ?? null;
  const marker = dropInPaths.reduce((before, path) => definitionAt(files, path)?.marker ?? before, markerOf(file));
  return { loadState: masked ? 'masked' : 'loaded', fragmentPath, dropInPaths, revision, marker };
}

/** Whether the manager takes what is at the path of a unit for its file. */
export const isUnitFile = (file: OnDisk | undefined): boolean => file !== undefined && file.kind !== 'directory';

type Reading = Pick<MachineTraits, 'masksKeepDropIns'> & Pick<Traits, 'quadlets'>;

const markerOf = (file: OnDisk): string | null =>
  file.kind === 'directory' ? null : (file.definition?.marker ?? null);

/** A dangling link. */
export const isDangling = (file: OnDisk): boolean =>
  file.kind === 'link' && file.definition === null && file.target !== '/dev/null';

/** A link to /dev/null, or an empty file: both mask. */
export const isMask = (file: OnDisk): boolean =>
  (file.kind === 'link' && file.target === '/dev/null') || (file.kind === 'file' && file.definition === null);

/**
 * The drop-ins that apply, in the order in which they are read: by file name; of several with one name only the one in the
 * strongest directory. Those for one unit and for a prefix are ordered by directory, those for every service come last (F6).
 */
function dropInsOf(files: Files, stack: string, unnoticed: readonly string[]): readonly string[] {
  const { dropIns } = stackPaths(stack);
  const best = new Map<string, { path: string; rank: number }>();
  for (const path in files) {
    const at = path.lastIndexOf('/');
    const directory = path.slice(0, at);
    const rank = dropIns.get(directory);
    const name = path.slice(at + 1);
    if (unnoticed.includes(directory)) continue;
    if (rank !== undefined && rank < (best.get(name)?.rank ?? dropIns.size)) best.set(name, { path, rank });
  }
  if (best.size === 0) return none;
  return [...best].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, { path }]) => path);
}

const none: readonly string[] = [];

/** The paths of a stack's unit file, strongest first, and the rank of every directory that can hold a drop-in for it. */
export interface Paths {
  readonly units: readonly string[];
  /** The same as a set. */
  readonly isUnit: ReadonlySet<string>;
  readonly dropIns: ReadonlyMap<string, number>;
}

export function stackPaths(stack: string): Paths {
  let paths = places.get(stack);
  if (paths === undefined) {
    const near = everyDirectory.flatMap(directory => [
      `${directory}/${dropInDirectory(stack, 'unit')}`,
      `${directory}/${dropInDirectory(stack, 'prefix')}`,
    ]);
    const far = everyDirectory.map(directory => `${directory}/${dropInDirectory(stack, 'type')}`);
    const units = everyDirectory.map(directory => unitPath(directory, stack));
    paths = {
      units,
      isUnit: new Set(units),
      dropIns: new Map([...near, ...far].map((directory, rank) => [directory, rank])),
    };
    places.set(stack, paths);
  }
  return paths;
}

const places = new Map<string, Paths>();

/**
 * The path of what was placed where default.target should be: a mask, or a link that leads nowhere. A manager that reads it has
 * no such target, and one that starts ends at once (facts.md F210). Null where there is none.
 */
export function deadFirstTarget(files: Files): string | null {
  for (const path in files) if (isFirstTarget(path) && isUnitFile(files[path])) return path;
  return null;
}

/** The same for a whole machine: why no user manager can start. */
export function managerCannotStart({ stacks }: World): readonly string[] {
  const paths = Object.values(stacks).flatMap(({ files }) => deadFirstTarget(files) ?? []);
  return [...new Set(paths)].map(path => `${path} takes the place of default.target, and leads nowhere`);
}

/**
 * Whether default.target wants the unit, or basic.target (add-wants): by a link, even a dangling one, but not to /dev/null or an empty file. A regular file
 * there does not count (systemd's load-dropin.c). Nothing is wanted by a target that cannot be loaded.
 */
export function wantedIn(files: Files, stack: string): boolean {
  if (deadFirstTarget(files) !== null) return false;
  return isWish(files, wantsPath, stack) || isWish(files, alsoWantsPath, stack);
}

/** Whether the strongest link of a target wants the unit. */
function isWish(files: Files, pathIn: typeof wantsPath, stack: string): boolean {
  const strongest = everyDirectory.find(directory => files[pathIn(directory, stack)] !== undefined);
  const path = strongest && pathIn(strongest, stack);
  const file = path === undefined ? undefined : files[path];
  return file !== undefined && (file.kind === 'generation' || (file.kind === 'link' && !isMask(file)));
}

/** The world after the manager has read every unit file again; running units keep running (F14). */
export const reloaded = (world: World): World =>
  eachStack(lookedAround(world), (stack, at) => ({
    loaded: readIn(world, stack),
    wanted: wantedIn(at.files, stack),
  }));

/** What the manager loads for a stack's unit, and a generator makes for its containers, when it reads everything again. */
function readIn({ stacks, setup }: World, stack: string): Loaded {
  const loaded = resolve(stacks[stack]?.files ?? {}, stack, setup.traits);
  const makesNone = setup.traits.quadlets === true && Object.values(stacks).some(({ files }) => endsGenerator(files));
  return makesNone ? { ...loaded, parts: {} } : loaded;
}

/** The world in which the manager knows of every file and directory that exists. */
export const lookedAround = (world: World): World =>
  world.lookup.isDue || world.lookup.unnoticed.length > 0
    ? laidOut(world, { lookup: { isDue: false, unnoticed: none, empty: world.lookup.empty } })
    : world;

/**
 * The reason, if any, that the manager has another definition of a stack's unit in memory than is on disk: both to run it and
 * to refuse are honest (facts.md F12; facts-debian13 F81, F82).
 */
export function staleIn(world: World, stack: string): readonly string[] {
  return sameFiles(readIn(world, stack), stackIn(world, stack).loaded)
    ? []
    : [`what the manager has loaded of ${unitOf(stack)} is not what lies on disk`];
}

/** Whether two definitions come from the same files with the same content. */
export const sameFiles = (one: Loaded, other: Loaded): boolean =>
  one.fragmentPath === other.fragmentPath &&
  one.revision === other.revision &&
  one.marker === other.marker &&
  `${one.dropInPaths}` === `${other.dropInPaths}` &&
  sameParts(one.parts, other.parts);

const sameParts = (one: Loaded['parts'], other: Loaded['parts']): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);

/** Why nothing is known of the machine, if that is so: any failure may then have a reason. */
export const unknownIn = ({ uncertain }: World): readonly string[] => (uncertain === null ? [] : [uncertain]);

/** The world with every stack changed by a rule. */
export function eachStack(world: World, change: (stack: string, at: StackWorld) => Partial<StackWorld>): World {
  const stacks: Record<string, StackWorld> = {};
  for (const stack in world.stacks) {
    const at = stackIn(world, stack);
    stacks[stack] = laidOutStack(at, change(stack, at));
  }
  return laidOut(world, { stacks });
}

/** A stack with some parts changed, in one fixed order of keys (world.ts, laidOut). */
const laidOutStack = (at: StackWorld, change: Partial<StackWorld>): StackWorld => ({
  files: change.files ?? at.files,
  loaded: change.loaded ?? at.loaded,
  wanted: change.wanted ?? at.wanted,
  active: change.active ?? at.active,
  containers: change.containers ?? at.containers,
  made: change.made === undefined ? at.made : change.made,
  vague: change.vague ?? at.vague,
  begun: change.begun ?? at.begun,
});

/** The world with one stack changed. */
export function withStack(world: World, stack: string, change: Partial<StackWorld>): World {
  const at = stackIn(world, stack);
  const now = laidOutStack(at, change);
  const stacks: Record<string, StackWorld> = {};
  for (const name in world.stacks) stacks[name] = name === stack ? now : (world.stacks[name] as StackWorld);
  return laidOut(world, { stacks });
}

/** What we believe of a stack. @throws Error where there is no such stack, which is a mistake in an operation. */
export function stackIn(world: World, stack: string): StackWorld {
  const found = world.stacks[stack];
  if (found === undefined) throw new Error(`the world has no stack ${stack}`);
  return found;
}

/** The files without some of them. */
export const without = (files: Files, paths: readonly string[]): Files =>
  Object.fromEntries(Object.entries(files).filter(([path]) => !paths.includes(path)));

function definitionAt(files: Files, path: string) {
  const file = files[path];
  return file === undefined || file.kind === 'directory' ? null : file.definition;
}
