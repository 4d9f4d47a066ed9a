import { Unable } from '../../../models/host.ts';
import { searchPath } from '../../../models/search-path.ts';

/** The three ways in which a path can be about a unit. */
export type Role = 'unit' | 'dropIn' | 'wants';

/** A path of the search path, understood. */
export interface Spot {
  readonly unit: string;
  readonly role: Role;
  /** Rank of its directory, strongest first. */
  readonly rank: number;
}

/** Ranks of directories that are treated unlike others. */
export const owned = searchPath.indexOf('~/.config/systemd/user');
export const transient = searchPath.indexOf('%t/systemd/transient');
export const etc = searchPath.indexOf('/etc/systemd/user');
/** Directories below the runtime directory: what stands there is `…-runtime` (facts.md F7). */
export const runtime: readonly boolean[] = searchPath.map(directory => directory.startsWith('%t/'));

/** Directories whose times systemd does not go by, since nobody but itself should write there (path-lookup.c). */
export const unwatched: readonly boolean[] = searchPath.map(
  directory => directory.endsWith('/user.control') || directory.endsWith('/transient'),
);

const dropIn = '50-drift.conf';
const wants = 'default.target.wants';

const spots = new Map<string, Spot>();

/** Understands a path. @throws Unable where it is none that this machine has. */
export function spotAt(path: string): Spot {
  const known = spots.get(path);
  if (known !== undefined) return known;
  const rank = searchPath.findIndex(directory => path.startsWith(`${directory}/`));
  const below = path.slice((searchPath[rank]?.length ?? 0) + 1);
  const [, dropped, wanted, plain] =
    /^(?:([^/]+)\.d\/50-drift\.conf|default\.target\.wants\/([^/]+)|([^/]+))$/.exec(below) ?? [];
  const unit = dropped ?? wanted ?? plain;
  if (rank < 0 || unit === undefined || !unit.endsWith('-stack.service')) {
    throw new Unable(`${path}: the simulator has units, ${dropIn} drop-ins and ${wants} links of stacks only`);
  }
  const role = dropped !== undefined ? 'dropIn' : wanted !== undefined ? 'wants' : 'unit';
  spots.set(path, { unit, role, rank });
  return { unit, role, rank };
}

/** The path of a slot. */
export const pathOf = ({ unit, role, rank }: Spot): string => pathsOf(unit)[role][rank] as string;

const paths = new Map<string, Readonly<Record<Role, readonly string[]>>>();

/** The paths of all slots of a unit, by rank. */
export function pathsOf(unit: string): Readonly<Record<Role, readonly string[]>> {
  let known = paths.get(unit);
  if (known === undefined) {
    known = {
      unit: searchPath.map(directory => `${directory}/${unit}`),
      dropIn: searchPath.map(directory => `${directory}/${unit}.d/${dropIn}`),
      wants: searchPath.map(directory => `${directory}/${wants}/${unit}`),
    };
    paths.set(unit, known);
  }
  return known;
}

/** A slot of one of several units, with its path. */
export interface Entry {
  readonly path: string;
  /** Which of the units, by its place among them. */
  readonly at: number;
  readonly role: Role;
  readonly rank: number;
}

const orders = new Map<string, readonly Entry[]>();
const roles: readonly Role[] = ['unit', 'dropIn', 'wants'];

/** Every slot of these units in the order of its path; worked out once for the same units. */
export function inOrder(units: readonly string[]): readonly Entry[] {
  const key = units.join(' ');
  let order = orders.get(key);
  if (order === undefined) {
    order = units
      .flatMap((unit, at) => roles.flatMap(role => pathsOf(unit)[role].map((path, rank) => ({ path, at, role, rank }))))
      .sort((one, other) => (one.path < other.path ? -1 : 1));
    orders.set(key, order);
  }
  return order;
}
