import { Unable } from '../../../../models/host.ts';
import { searchPath } from '../../../../models/machine/search-path.ts';

/** The kinds of path that are about one unit alone: its file, and the links by which default.target and basic.target want it. */
export type PathRole = 'unit' | WantsRole;
export type WantsRole = 'wants' | 'also';
export const wantsRoles: readonly WantsRole[] = ['wants', 'also'];
export const pathRoles: readonly PathRole[] = ['unit', ...wantsRoles];

/** A path of the search path, in its parts. */
export type Location = UnitLocation | DropInLocation;

interface UnitLocation {
  readonly unit: string;
  readonly role: PathRole;
  /** The rank of its directory; 0 is the strongest. */
  readonly rank: number;
}

/** A drop-in, which may apply to more than one unit. */
export interface DropInLocation {
  readonly role: 'dropIn';
  /** `web-stack.service.d`, `web-.service.d` or `service.d` (facts.md F6). */
  readonly directory: string;
  readonly name: string;
  readonly rank: number;
}

/** Ranks of directories that have rules of their own. */
export const owned = searchPath.indexOf('~/.config/systemd/user');
export const transient = searchPath.indexOf('%t/systemd/transient');
export const etc = searchPath.indexOf('/etc/systemd/user');
/** Where `systemctl --runtime` and `set-property` write. */
export const runtimeConfig = searchPath.indexOf('%t/systemd/user');
export const control = searchPath.indexOf('~/.config/systemd/user.control');
/** Directories whose drop-ins `revert` removes (facts.md F15). */
export const toBeReverted: readonly number[] = [
  control,
  searchPath.indexOf('%t/systemd/user.control'),
  transient,
  owned,
  runtimeConfig,
];
/** Directories that belong to packages. */
export const isPackages: readonly boolean[] = searchPath.map(directory => directory.startsWith('/usr/'));
/** Directories that are emptied at a reboot: a state that comes from them ends in `-runtime` (facts.md F7). */
export const runtime: readonly boolean[] = searchPath.map(directory => /^(?:%t|\/run)\//.test(directory));

/** Directories whose times systemd does not read, since only systemd itself should write there (path-lookup.c). */
export const unwatched: readonly boolean[] = searchPath.map(
  directory => directory.endsWith('/user.control') || directory.endsWith('/transient'),
);

/** The target that the manager starts with. */
export const firstTarget = 'default.target';

const wants: Readonly<Record<WantsRole, string>> = { wants: `${firstTarget}.wants`, also: 'basic.target.wants' };

const locations = new Map<string, Location>();

/** Takes a path apart. @throws Unable if this machine has no such path */
export function locationOf(path: string): Location {
  const known = locations.get(path);
  if (known !== undefined) return known;
  const rank = searchPath.findIndex(directory => path.startsWith(`${directory}/`));
  const below = path.slice((searchPath[rank]?.length ?? 0) + 1);
  const location = rank < 0 ? null : (dropInAt(below, rank) ?? unitAt(below, rank));
  if (location === null)
    throw new Unable(`${path}: the simulator has units, drop-ins and ${wants.wants} links of stacks only`);
  locations.set(path, location);
  return location;
}

function dropInAt(below: string, rank: number): Location | null {
  const [, directory, name] =
    /^((?:[^/]+-stack\.service|[^/]+-\.service|service)\.d)\/([^/]+\.conf)$/.exec(below) ?? [];
  if (directory === undefined || name === undefined) return null;
  return { role: 'dropIn', directory: oneString(directory), name: oneString(name), rank };
}

/** The one string object for all equal ones: it is found in a map by its address, where others are compared letter by letter. */
function oneString(text: string): string {
  const before = texts.get(text);
  if (before !== undefined) return before;
  texts.set(text, text);
  return text;
}

const texts = new Map<string, string>();

function unitAt(below: string, rank: number): Location | null {
  if (below === firstTarget) return { unit: firstTarget, role: 'unit', rank };
  const [, inWants, unit] = /^(?:(default|basic)\.target\.wants\/)?([^/]+-stack\.service)$/.exec(below) ?? [];
  if (unit === undefined) return null;
  return { unit, role: inWants === undefined ? 'unit' : inWants === 'basic' ? 'also' : 'wants', rank };
}

/** The path of a location. */
export const pathOf = (location: Location): string =>
  location.role === 'dropIn'
    ? (dropInPathsOf(location.directory, location.name)[location.rank] as string)
    : (pathsOf(location.unit)[location.role][location.rank] as string);

const dropInPaths = new Map<string, Map<string, readonly string[]>>();

/** The paths at which a drop-in can be, by rank. */
function dropInPathsOf(directory: string, name: string): readonly string[] {
  let inDirectory = dropInPaths.get(directory);
  if (inDirectory === undefined) {
    inDirectory = new Map();
    dropInPaths.set(directory, inDirectory);
  }
  let known = inDirectory.get(name);
  if (known === undefined) {
    known = searchPath.map(above => `${above}/${directory}/${name}`);
    inDirectory.set(name, known);
  }
  return known;
}

const paths = new Map<string, Readonly<Record<PathRole, readonly string[]>>>();

/** The paths of all slots of a unit, by rank. */
function pathsOf(unit: string): Readonly<Record<PathRole, readonly string[]>> {
  let known = paths.get(unit);
  if (known === undefined) {
    known = {
      unit: searchPath.map(directory => `${directory}/${unit}`),
      wants: searchPath.map(directory => `${directory}/${wants.wants}/${unit}`),
      also: searchPath.map(directory => `${directory}/${wants.also}/${unit}`),
    };
    paths.set(unit, known);
  }
  return known;
}

const extending = new Map<string, readonly [near: readonly string[], far: string]>();

/** The drop-in directories that apply to a unit: its own and those of every prefix, and the one of its type. */
export function dropInDirectoriesOf(unit: string): readonly [near: readonly string[], far: string] {
  let found = extending.get(unit);
  if (found === undefined) {
    const [stem = '', type = ''] = unit.split('.');
    const near = [oneString(`${unit}.d`)];
    for (let at = stem.lastIndexOf('-', stem.length - 2); at > 0; at = stem.lastIndexOf('-', at - 1)) {
      near.push(oneString(`${stem.slice(0, at + 1)}.${type}.d`));
    }
    found = [near, oneString(`${type}.d`)];
    extending.set(unit, found);
  }
  return found;
}

/** The directory of the drop-ins for a unit alone. */
export const ownDirectoryOf = (unit: string): string => dropInDirectoriesOf(unit)[0][0] as string;

/** A slot of one of several units, with its path. */
export interface SearchPathEntry {
  readonly path: string;
  /** The index of its unit. */
  readonly at: number;
  readonly role: PathRole;
  readonly rank: number;
}

const orders = new Map<string, readonly SearchPathEntry[]>();
const ordersOf = new WeakMap<readonly string[], readonly SearchPathEntry[]>();

/** Every slot of these units, ordered by path; computed once for the same units. */
export function inOrder(units: readonly string[]): readonly SearchPathEntry[] {
  const known = ordersOf.get(units);
  if (known !== undefined) return known;
  const key = units.join(' ');
  let order = orders.get(key);
  if (order === undefined) {
    order = units
      .flatMap((unit, at) =>
        pathRoles.flatMap(role => pathsOf(unit)[role].map((path, rank) => ({ path, at, role, rank }))),
      )
      .sort((one, other) => (one.path < other.path ? -1 : 1));
    orders.set(key, order);
  }
  ordersOf.set(units, order);
  return order;
}
