import { searchPath } from '../../../../models/machine/search-path.ts';
import type { File, Generation } from '../store.ts';
import {
  type DropInLocation,
  firstTarget,
  type Location,
  type PathRole,
  pathRoles,
  unwatched,
  type WantsRole,
} from './unit-paths.ts';

/** What is at a path of the search path, and the version of the disk at which put() wrote it: its ctime. */
export type Node = What & { readonly since?: number };

type What =
  /** The owner's link into a generation. */
  | { readonly kind: 'generation'; readonly generation: Generation }
  /** NixOS's link through /etc/static, which always leads into the current generation. */
  | { readonly kind: 'static' }
  | { readonly kind: 'file'; readonly file: File }
  | { readonly kind: 'link'; readonly target: string; readonly leadsTo?: LinkTarget }
  | { readonly kind: 'directory'; readonly mtime: number };

/** Where a link made by `systemctl enable` leads: into the store, or to a path of the search path. */
export type LinkTarget = { readonly file: File } | { readonly unit: string; readonly rank: number };

/** Everything on disk for one unit, by role and by rank in the search path; never changed in place, because forks share it. */
export type PathSlots = Readonly<Record<PathRole, readonly (Node | null)[]>>;

/** One drop-in directory, in all directories of the search path; never changed in place either. */
export interface DropIns {
  /** Whether it exists, by rank: it stays when its last file is removed. */
  readonly exists: readonly boolean[];
  /** Its files, by name and then by rank. */
  readonly files: ReadonlyMap<string, readonly (Node | null)[]>;
}

/** The directories of the search path, and the files elsewhere that links in them point at. */
export interface Disk {
  readonly slots: Map<string, PathSlots>;
  /** The units that have slots, in order; null if one was added since. */
  names: readonly string[] | null;
  /** Drop-in directories, by name. */
  readonly dropIns: Map<string, DropIns>;
  /** Where /etc/static leads. */
  static: Generation | null;
  /** `~/drift`, by file name. */
  readonly drift: Map<string, File>;
  /** Whether the directory of a target's wants links is there, by rank. */
  readonly wantsDirectories: Readonly<Record<WantsRole, boolean[]>>;
  /** Counts the changes. */
  version: number;
  /** Counts the changes of the directories whose times systemd reads to decide whether to look again. */
  stamp: number;
}

const nothing: readonly (Node | null)[] = searchPath.map(() => null);
const no: readonly boolean[] = searchPath.map(() => false);

export const newDisk = (): Disk => ({
  slots: new Map(),
  names: null,
  dropIns: new Map(),
  static: null,
  drift: new Map(),
  wantsDirectories: { wants: [...no], also: [...no] },
  version: 0,
  stamp: 0,
});

/** The slots of a unit; they are made if there were none. */
export function slotsOf(disk: Disk, unit: string): PathSlots {
  let slots = disk.slots.get(unit);
  if (slots === undefined) {
    slots = { unit: nothing, wants: nothing, also: nothing };
    disk.slots.set(unit, slots);
    disk.names = null;
  }
  return slots;
}

/** Puts something at a location, or removes what is there. */
export function put(disk: Disk, location: Location, what: Node | null): void {
  disk.version++;
  const node = what === null ? null : dated(what, disk.version);
  if (location.role === 'dropIn') {
    putDropIn(disk, location, node);
    return;
  }
  const { role, rank } = location;
  const slots = slotsOf(disk, location.unit);
  const before = slots[role][rank];
  const ranks = slots[role].with(rank, node);
  // Not `{ ...slots, [role]: ranks }`, for V8's sake (models/world.ts, laidOut).
  disk.slots.set(location.unit, {
    unit: role === 'unit' ? ranks : slots.unit,
    wants: role === 'wants' ? ranks : slots.wants,
    also: role === 'also' ? ranks : slots.also,
  });
  if (location.unit === firstTarget && node === null) droppedIfEmpty(disk, firstTarget);
  if (role === 'unit') {
    if (node !== null || before !== null) touched(disk, rank);
  } else if (node !== null && !disk.wantsDirectories[role][rank]) {
    disk.wantsDirectories[role][rank] = true;
    touched(disk, rank);
  }
}

/** The package's target is back: a disk where nothing stands in its place is as one where nothing ever did. */
function droppedIfEmpty(disk: Disk, unit: string): void {
  if (disk.slots.get(unit)?.unit.some(node => node !== null)) return;
  disk.slots.delete(unit);
  disk.names = null;
}

/** The same, with its time. It is copied field by field: `{ ...what }` would give V8 a different layout for each kind. */
function dated(what: Node, since: number): Node {
  switch (what.kind) {
    case 'generation':
      return { kind: 'generation', generation: what.generation, since };
    case 'static':
      return { kind: 'static', since };
    case 'file':
      return { kind: 'file', file: what.file, since };
    case 'link': {
      const { target, leadsTo } = what;
      return leadsTo === undefined ? { kind: 'link', target, since } : { kind: 'link', target, leadsTo, since };
    }
    case 'directory':
      return { kind: 'directory', mtime: what.mtime, since };
  }
}

type DropInRanks = readonly (Node | null)[];

function putDropIn(disk: Disk, { directory, name, rank }: DropInLocation, node: Node | null): void {
  const { exists, files } = disk.dropIns.get(directory) ?? { exists: no, files: new Map<string, DropInRanks>() };
  const ranks = files.get(name) ?? nothing;
  const isNew = node !== null && !exists[rank];
  disk.dropIns.set(directory, {
    exists: isNew ? exists.with(rank, true) : exists,
    files: new Map(files).set(name, ranks.with(rank, node)),
  });
  if (isNew) touched(disk, rank);
}

/** Removes a drop-in directory with its content; false if there is none. */
export function removeDropIns(disk: Disk, directory: string, rank: number): boolean {
  const dropIns = disk.dropIns.get(directory);
  if (!dropIns?.exists[rank]) return false;
  disk.dropIns.set(directory, {
    exists: dropIns.exists.with(rank, false),
    files: new Map([...dropIns.files].map(([name, ranks]) => [name, ranks.with(rank, null)])),
  });
  disk.version++;
  touched(disk, rank);
  return true;
}

/** Removes everything in one directory of the search path. */
export function clearDirectory(disk: Disk, rank: number): void {
  for (const unit of disk.slots.keys()) {
    for (const role of pathRoles) {
      if (disk.slots.get(unit)?.[role][rank]) put(disk, { unit, role, rank }, null);
    }
  }
  for (const directory of disk.dropIns.keys()) removeDropIns(disk, directory, rank);
}

/** Removes the directory of a location if it is empty, unless it is a directory of the search path itself. */
export function tidied(disk: Disk, location: Location): void {
  if (location.role === 'dropIn') {
    const files = disk.dropIns.get(location.directory)?.files.values() ?? [];
    if (![...files].some(ranks => ranks[location.rank])) removeDropIns(disk, location.directory, location.rank);
    return;
  }
  const { role, rank } = location;
  if (role === 'unit' || [...disk.slots.values()].some(slots => slots[role][rank])) return;
  disk.wantsDirectories[role][rank] = false;
  touched(disk, rank);
}

/** Writes a file into `~/drift`, to which a link of the search path can lead. */
export function keptAside(disk: Disk, target: string, file: File): void {
  disk.drift.set(target, { text: file.text, mtime: file.mtime, since: ++disk.version });
}

/** Whether a node, or the file that it leads to, was written after a version of the disk. */
export function isNewer(disk: Disk, node: Node, unit: string, version: number): boolean {
  const file = fileBehind(disk, node, unit);
  return (node.since ?? 0) > version || (file?.since ?? 0) > version;
}

function touched(disk: Disk, rank: number): void {
  if (!unwatched[rank]) disk.stamp++;
}

/** /dev/null is newer than the Nix store, and older than everything that was written by hand. */
const devNull: File = { text: { kind: 'empty' }, mtime: 0.5 };

/** The file that a node leads to (as stat does it); null if there is none, as for a dangling link. */
export function fileBehind(disk: Disk, node: Node, unit: string): File | null {
  switch (node.kind) {
    case 'generation':
      return node.generation.files.get(unit) ?? null;
    case 'static':
      return disk.static?.files.get(unit) ?? null;
    case 'file':
      return node.file;
    case 'link':
      if (node.leadsTo !== undefined) return fileAt(disk, node.leadsTo);
      return node.target === '/dev/null' ? devNull : (disk.drift.get(node.target) ?? null);
    case 'directory':
      return null;
  }
}

function fileAt(disk: Disk, target: LinkTarget): File | null {
  if ('file' in target) return target.file;
  const node = slotsOf(disk, target.unit).unit[target.rank];
  return node ? fileBehind(disk, node, target.unit) : null;
}

/** When the file behind a node was last written; null if stat() fails. */
export const mtimeOf = (disk: Disk, node: Node, unit: string): number | null =>
  node.kind === 'directory' ? node.mtime : (fileBehind(disk, node, unit)?.mtime ?? null);

/** The units that have slots, in the order of their names. */
export const namesIn = (disk: Disk): readonly string[] => (disk.names ??= [...disk.slots.keys()].sort());
