import { searchPath } from '../../../../models/machine/search-path.ts';
import type { Disk, Node } from './disk.ts';
import { type DropInLocation, dropInDirectoriesOf, pathOf } from './unit-paths.ts';

/** A drop-in that counts for a unit. */
export interface DropIn {
  readonly path: string;
  readonly node: Node;
}

/** Which directories of drop-ins there are, by name and rank: what the manager knew when it looked around last. */
export type Directories = ReadonlyMap<string, readonly boolean[]>;

/**
 * The drop-ins that count for a unit, by file name; of several with one name the strongest, whatever it is. Those for the
 * unit and its prefixes go by directory of the search path, those for every unit of its type come last (facts.md F6).
 */
export function dropInsOf(disk: Disk, unit: string, known?: Directories): readonly DropIn[] {
  if (disk.dropIns.size === 0) return none;
  const [near, far] = dropInDirectoriesOf(unit);
  if (!disk.dropIns.has(far) && !near.some(directory => disk.dropIns.has(directory))) return none;
  const best = new Map<string, DropIn>();
  for (let rank = 0; rank < searchPath.length; rank++) {
    for (const directory of near) collect(disk, directory, rank, known, best);
  }
  for (let rank = 0; rank < searchPath.length; rank++) collect(disk, far, rank, known, best);
  return best.size === 0 ? none : inOrder(best);
}

/** Those in the directories of the unit alone, which is all that `systemctl enable` and its kin read (install.c). */
export function ownDropInsOf(disk: Disk, unit: string): readonly DropIn[] {
  const directory = dropInDirectoriesOf(unit)[0][0] as string;
  if (!disk.dropIns.has(directory)) return none;
  const best = new Map<string, DropIn>();
  for (let rank = 0; rank < searchPath.length; rank++) collect(disk, directory, rank, undefined, best);
  return inOrder(best);
}

const none: readonly DropIn[] = [];

const inOrder = (best: ReadonlyMap<string, DropIn>): readonly DropIn[] =>
  [...best].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, dropIn]) => dropIn);

function collect(
  disk: Disk,
  directory: string,
  rank: number,
  known: Directories | undefined,
  into: Map<string, DropIn>,
): void {
  const dropIns = disk.dropIns.get(directory);
  if (dropIns === undefined || (known !== undefined && !known.get(directory)?.[rank])) return;
  for (const [name, ranks] of dropIns.files) {
    const node = ranks[rank];
    if (node && !into.has(name)) into.set(name, { path: pathOf({ role: 'dropIn', directory, name, rank }), node });
  }
}

/** The directories of drop-ins as they stand now. */
export const directoriesOf = ({ dropIns }: Disk): Directories =>
  new Map([...dropIns].map(([name, { exists }]) => [name, [...exists]]));

/** All drop-ins there are. */
export function everyDropIn({ dropIns }: Disk): readonly DropInThere[] {
  if (dropIns.size === 0) return nowhere;
  const all: DropInThere[] = [];
  for (const [directory, { files }] of dropIns) {
    for (const [name, ranks] of files) {
      for (let rank = 0; rank < ranks.length; rank++) {
        const node = ranks[rank] ?? null;
        if (node !== null) all.push({ location: { role: 'dropIn', directory, name, rank }, node });
      }
    }
  }
  return all;
}

/** A drop-in, and where it stands. */
interface DropInThere {
  readonly location: DropInLocation;
  readonly node: Node;
}

const nowhere: readonly DropInThere[] = [];

/** Of which unit a drop-in's directory speaks: what a file kept elsewhere for it is named after. */
export const unitOfDirectory = (directory: string): string => directory.replace(/\.d$/, '');
