import { searchPath } from '../../../../models/machine/search-path.ts';
import type { Disk, DropIns, Node } from './disk.ts';
import { type DropInLocation, dropInDirectoriesOf, ownDirectoryOf, pathOf } from './unit-paths.ts';

/** A drop-in that applies to a unit. */
export interface DropIn {
  readonly path: string;
  readonly node: Node;
}

/** Which drop-in directories exist, by name and rank: what the manager knew when it last looked. */
export type Directories = ReadonlyMap<string, readonly boolean[]>;

/**
 * The drop-ins that apply to a unit, by file name; of several with one name the strongest, whatever it is. Those for the unit
 * and its prefixes come in the order of the search path, those for every unit of its type last (facts.md F6).
 */
export function dropInsOf(disk: Disk, unit: string, known?: Directories): readonly DropIn[] {
  if (disk.dropIns.size === 0) return none;
  const [near, far] = dropInDirectoriesOf(unit);
  const there = near.filter(directory => disk.dropIns.has(directory));
  const isFarThere = disk.dropIns.has(far);
  if (there.length === 0 && !isFarThere) return none;
  if (known === undefined && there.length + Number(isFarThere) === 1) return strongestIn(disk, there[0] ?? far);
  const best = new Map<string, DropIn>();
  for (let rank = 0; rank < searchPath.length; rank++) {
    for (const directory of there) collect(disk, directory, rank, known, best);
  }
  if (isFarThere) for (let rank = 0; rank < searchPath.length; rank++) collect(disk, far, rank, known, best);
  return best.size === 0 ? none : inOrder(best);
}

/** The strongest drop-ins of one directory's name. They are asked for in every look; what is in a directory is never changed in place. */
function strongestIn(disk: Disk, directory: string): readonly DropIn[] {
  const dropIns = disk.dropIns.get(directory) as DropIns;
  let found = strongest.get(dropIns);
  if (found === undefined) {
    const best = new Map<string, DropIn>();
    for (let rank = 0; rank < searchPath.length; rank++) collect(disk, directory, rank, undefined, best);
    found = inOrder(best);
    strongest.set(dropIns, found);
  }
  return found;
}

const strongest = new WeakMap<DropIns, readonly DropIn[]>();

/** Those in the directories of the unit alone: `systemctl enable` and its like read no others (install.c). */
export function ownDropInsOf(disk: Disk, unit: string): readonly DropIn[] {
  const directory = ownDirectoryOf(unit);
  return disk.dropIns.has(directory) ? strongestIn(disk, directory) : none;
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

/** The drop-in directories that exist now. */
export const directoriesOf = ({ dropIns }: Disk): Directories =>
  new Map([...dropIns].map(([name, { exists }]) => [name, [...exists]]));

/** All drop-ins on disk. */
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

/** A drop-in, and its location. */
interface DropInThere {
  readonly location: DropInLocation;
  readonly node: Node;
}

const nowhere: readonly DropInThere[] = [];

/** The unit or prefix that a drop-in directory is named after. */
export const unitOfDirectory = (directory: string): string => directory.replace(/\.d$/, '');
