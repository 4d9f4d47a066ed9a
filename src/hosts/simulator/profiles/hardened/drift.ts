import { searchPath } from '../../../../../models/search-path.ts';
import { absolute, type Machine } from '../../machine.ts';
import type { Generation } from '../../store.ts';
import { type Disk, namesIn, put, slotsOf, tidied } from '../../systemd/disk.ts';
import { everyDropIn } from '../../systemd/drop-ins.ts';
import { owned, pathOf, type Role, type Spot } from '../../systemd/unit-paths.ts';

const roles: readonly Role[] = ['unit', 'wants'];

function* everySpot(disk: Disk): Generator<Spot & { readonly role: Role }> {
  for (const unit of namesIn(disk)) {
    for (const role of roles) {
      for (const [rank, node] of slotsOf(disk, unit)[role].entries()) if (node !== null) yield { unit, role, rank };
    }
  }
}

const isOwn = (disk: Disk, { unit, role, rank }: Spot & { readonly role: Role }): boolean =>
  rank === owned && slotsOf(disk, unit)[role][rank]?.kind === 'generation';

/** `drift_beside`: all that stands for stack units and is no link of the owner's; in the order of its directories. */
export function driftBeside({ disk, home }: Machine, generation: Generation): readonly Spot[] {
  const names = [...generation.files.keys(), ...(home?.files.keys() ?? [])];
  const beside: Spot[] = [];
  for (const spot of everySpot(disk)) if (!isOwn(disk, spot)) beside.push(spot);
  for (const { spot } of everyDropIn(disk))
    if (isForOne(spot.directory) || extendsAny(spot.directory, names)) beside.push(spot);
  return beside.sort((one, other) => one.rank - other.rank);
}

const isForOne = (directory: string): boolean => directory.endsWith('-stack.service.d');

/** `extends`: whether a directory for many units is about one of these. */
const extendsAny = (directory: string, names: readonly string[]): boolean =>
  directory === 'service.d' || names.some(name => name.startsWith(directory.replace(/\.service\.d$/, '')));

/** `not_ours`: in a directory of somebody else's, or for more units than the stacks' own. */
export const notOurs = (spot: Spot): boolean | undefined =>
  searchPath[spot.rank]?.startsWith('/') || (spot.role === 'dropIn' && !isForOne(spot.directory));

/** `set-aside`: drift is moved out of the search path, and links go of which the new generation has no file. */
export function setAside(machine: Machine, generation: Generation): readonly string[] {
  const { disk } = machine;
  const said: string[] = [];
  for (const spot of driftBeside(machine, generation)) {
    put(disk, spot, null);
    tidied(disk, spot);
    const path = absolute(pathOf(spot));
    said.push(`${path} was not as declared: moved to /home/homelab/.local/state/stack-drift/${machine.clock}${path}`);
  }
  for (const spot of everySpot(disk)) {
    if (isOwn(disk, spot) && !generation.files.has(spot.unit)) put(disk, spot, null);
  }
  return said;
}
