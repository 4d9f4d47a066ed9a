import { type Disk, fileBehind, type Node, type PathSlots, slotsOf } from './disk.ts';
import { ownDropInsOf } from './drop-ins.ts';
import { isLink } from './unit-load.ts';
import { etc, owned, runtime, transient, wantsRoles } from './unit-paths.ts';

/**
 * UnitFileState as `show` reads it from disk: what `systemctl enable` would find, not what the manager has loaded (facts.md F7,
 * F8). The rules are those of systemd's install.c; every row was seen on systemd 257.
 */
export function unitFileState(disk: Disk, name: string): string {
  const slots = slotsOf(disk, name);
  const rank = slots.unit.findIndex(node => node !== null);
  const node = slots.unit[rank];
  // A directory in place of the file is an error here, although the manager ignores it when it loads units.
  if (!node || node.kind === 'directory') return 'bad';
  const file = fileBehind(disk, node, name);
  if (file === null) return 'bad';
  if (file.text.kind === 'empty') return runtime[rank] ? 'masked-runtime' : 'masked';
  if (hasUnreadableDropIn(disk, name)) return 'bad';
  if (rank === transient && node.kind === 'file') return 'transient';
  return linkedAs(slots, name, node.kind === 'file' ? rank : -1) ?? (hasInstall(disk, name) ? 'disabled' : 'static');
}

const hasUnreadableDropIn = (disk: Disk, name: string): boolean =>
  ownDropInsOf(disk, name).some(({ node }) => fileBehind(disk, node, name) === null);

/** Only a whole unit has an [Install] section; a whole unit that is placed as a drop-in counts too. */
export const hasInstall = (disk: Disk, name: string): boolean =>
  [slotsOf(disk, name).unit.find(node => node !== null), ...ownDropInsOf(disk, name).map(({ node }) => node)].some(
    node => node != null && fileBehind(disk, node, name)?.text.kind === 'unit',
  );

/** Looks in the search path for links that enable the unit, or that are the unit (find_symlinks_in_scope). */
function linkedAs(slots: PathSlots, name: string, fileRank: number): string | null {
  let enabledInRuntime = false;
  let linked = false;
  let linkedInRuntime = false;
  let below = false;
  for (let rank = 0; rank < slots.unit.length; rank++) {
    const found = linkIn(slots, name, rank, below);
    if (found === 'enabling') {
      if (rank === owned || rank === etc) return 'enabled';
      if (runtime[rank]) enabledInRuntime = true;
    } else if (found === 'itself') {
      if (rank === owned) linked = true;
      else if (runtime[rank]) linkedInRuntime = true;
    }
    // In directories weaker than a regular file, a link of the same name does not count as the unit.
    if (rank === fileRank) below = true;
  }
  if (enabledInRuntime) return 'enabled-runtime';
  if (linked) return 'linked';
  return linkedInRuntime ? 'linked-runtime' : null;
}

/** What the links of one directory mean: one that enables the unit, one that is the unit, or none (find_symlinks). */
function linkIn(slots: PathSlots, name: string, rank: number, below: boolean): 'enabling' | 'itself' | null {
  if (wantsRoles.some(role => slots[role][rank] && isLink(slots[role][rank]))) return 'enabling';
  const node = slots.unit[rank];
  if (!node || !isLink(node)) return null;
  const leadsThere = leadsToSameName(node, name);
  if (!below) return leadsThere ? 'itself' : 'enabling';
  return leadsThere ? 'enabling' : null;
}

const leadsToSameName = (node: Node, name: string): boolean =>
  node.kind === 'generation' || node.kind === 'static' || (node.kind === 'link' && node.target.endsWith(`/${name}`));
