import { searchPath } from '../../../models/search-path.ts';
import { pathsOf, type Role, type Spot, unwatched } from './spots.ts';
import type { File, Generation } from './texts.ts';

/** What stands at a path of the search path. */
export type Node =
  /** The owner's link into a generation. */
  | { readonly kind: 'generation'; readonly generation: Generation }
  | { readonly kind: 'file'; readonly file: File }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'directory'; readonly mtime: number };

/** All that stands for one unit, by role and by rank in the search path. */
export type Slots = Readonly<Record<Role, (Node | null)[]>> & {
  readonly paths: Readonly<Record<Role, readonly string[]>>;
  /** Whether the unit's drop-in directory is there: it outlives what was in it. */
  readonly dropInDirectory: boolean[];
};

/** The directories of the search path, and the files elsewhere that links in them point at. */
export interface Disk {
  readonly slots: Map<string, Slots>;
  /** The units that have slots, in order; null where one has been added since. */
  names: readonly string[] | null;
  /** `~/drift`, by file name. */
  readonly drift: Map<string, File>;
  /** Whether default.target's directory of wants links is there, by rank. */
  readonly wantsDirectory: boolean[];
  /** Counts the changes. */
  version: number;
  /** Counts the changes of directories whose times systemd goes by when it decides whether to look again. */
  stamp: number;
}

const nothing = (): (Node | null)[] => searchPath.map(() => null);
const no = (): boolean[] => searchPath.map(() => false);

export const newDisk = (): Disk => ({
  slots: new Map(),
  names: null,
  drift: new Map(),
  wantsDirectory: no(),
  version: 0,
  stamp: 0,
});

/** What stands for a unit; the slots are made where there were none. */
export function slotsOf(disk: Disk, unit: string): Slots {
  let slots = disk.slots.get(unit);
  if (slots === undefined) {
    slots = { unit: nothing(), dropIn: nothing(), wants: nothing(), dropInDirectory: no(), paths: pathsOf(unit) };
    disk.slots.set(unit, slots);
    disk.names = null;
  }
  return slots;
}

/** Puts something in a slot, or takes away what stands there. */
export function put(disk: Disk, { unit, role, rank }: Spot, node: Node | null): void {
  const slots = slotsOf(disk, unit);
  const before = slots[role][rank];
  slots[role][rank] = node;
  disk.version++;
  const directories = role === 'dropIn' ? slots.dropInDirectory : disk.wantsDirectory;
  const isEntry = role === 'unit' ? node !== null || before !== null : node !== null && !directories[rank];
  if (role !== 'unit' && node !== null) directories[rank] = true;
  if (isEntry && !unwatched[rank]) disk.stamp++;
}

/** /dev/null is as old as the machine: younger than the Nix store, older than whatever a hand wrote. */
const devNull: File = { text: { kind: 'empty' }, mtime: 0.5 };

/** The file that a node leads to (stat follows links); null where there is none, as behind a dangling link. */
export function fileBehind(disk: Disk, node: Node, unit: string): File | null {
  switch (node.kind) {
    case 'generation':
      return node.generation.files.get(unit) ?? null;
    case 'file':
      return node.file;
    case 'link':
      return node.target === '/dev/null' ? devNull : (disk.drift.get(node.target) ?? null);
    case 'directory':
      return null;
  }
}

/** When what stands at a node was last written; null where stat() fails. */
export const mtimeOf = (disk: Disk, node: Node, unit: string): number | null =>
  node.kind === 'directory' ? node.mtime : (fileBehind(disk, node, unit)?.mtime ?? null);

/** The units that have slots, in the order of their names. */
export const namesIn = (disk: Disk): readonly string[] => (disk.names ??= [...disk.slots.keys()].sort());
