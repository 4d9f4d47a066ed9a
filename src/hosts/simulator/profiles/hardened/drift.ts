import { searchPath } from '../../../../../models/machine/search-path.ts';
import { absolute, type SimulatedMachine } from '../../machine.ts';
import type { Generation } from '../../store.ts';
import { type Disk, namesIn, put, slotsOf, tidied } from '../../systemd/disk.ts';
import { everyDropIn } from '../../systemd/drop-ins.ts';
import { type Location, owned, type PathRole, pathOf, pathRoles } from '../../systemd/unit-paths.ts';

function everyLocation(disk: Disk): readonly (Location & { readonly role: PathRole })[] {
  const all: (Location & { readonly role: PathRole })[] = [];
  for (const unit of namesIn(disk)) {
    const slots = slotsOf(disk, unit);
    for (const role of pathRoles) {
      const ranks = slots[role];
      for (let rank = 0; rank < ranks.length; rank++) if (ranks[rank] !== null) all.push({ unit, role, rank });
    }
  }
  return all;
}

const isOwn = (disk: Disk, { unit, role, rank }: Location & { readonly role: PathRole }): boolean =>
  rank === owned && slotsOf(disk, unit)[role][rank]?.kind === 'generation';

/**
 * `drift_beside`: everything for stack units in the search path that is no link of the owner's, in the order of its
 * directories.
 */
export function driftBeside({ disk, home }: SimulatedMachine, generation: Generation): readonly Location[] {
  const names = [...generation.files.keys(), ...(home?.files.keys() ?? [])];
  const beside: Location[] = [];
  for (const location of everyLocation(disk)) if (!isOwn(disk, location)) beside.push(location);
  for (const { location } of everyDropIn(disk))
    if (isForOne(location.directory) || extendsAny(location.directory, names)) beside.push(location);
  return beside.sort((one, other) => one.rank - other.rank);
}

const isForOne = (directory: string): boolean => directory.endsWith('-stack.service.d');

/** `extends`: whether a drop-in directory for many units applies to one of these. */
const extendsAny = (directory: string, names: readonly string[]): boolean =>
  directory === 'service.d' || names.some(name => name.startsWith(directory.replace(/\.service\.d$/, '')));

/** `not_ours`: in a system directory, or for more units than those of stacks. */
export const notOurs = (location: Location): boolean | undefined =>
  searchPath[location.rank]?.startsWith('/') || (location.role === 'dropIn' && !isForOne(location.directory));

/** `set-aside`: drift is moved out of the search path, and links without a file in the new generation are removed. */
export function setAside(machine: SimulatedMachine, generation: Generation): readonly string[] {
  const { disk } = machine;
  const said: string[] = [];
  for (const location of driftBeside(machine, generation)) {
    put(disk, location, null);
    tidied(disk, location);
    const path = absolute(pathOf(location));
    said.push(`${path} was not as declared: moved to /home/homelab/.local/state/stack-drift/${machine.clock}${path}`);
  }
  for (const location of everyLocation(disk)) {
    if (isOwn(disk, location) && !generation.files.has(location.unit)) put(disk, location, null);
  }
  return said;
}
