import type { StackDeclaration } from '../../../../../models/machine/declaration.ts';
import { absolute, type Manager, type SimulatedMachine, type Unit } from '../../machine.ts';
import { type Disk, fileBehind, isNewer, type Node, slotsOf } from '../../systemd/disk.ts';
import { dropInsOf } from '../../systemd/drop-ins.ts';
import { pathOf } from '../../systemd/unit-paths.ts';

/** `not_loaded`: the files in which a unit's definition on disk differs from the one in the manager's memory. */
export function notLoaded({ disk }: SimulatedMachine, manager: Manager, unit: Unit): readonly string[] {
  const onDisk = definitionOnDisk(disk, unit.name);
  const loaded = unit.fragment === '' ? unit.dropIns : [unit.fragment, ...unit.dropIns];
  const paths = onDisk.map(({ path }) => path);
  const stale = [
    ...paths.filter(path => !loaded.includes(path)),
    ...loaded.filter(path => !paths.includes(path)),
    ...onDisk.filter(({ node }) => isNewer(disk, node, unit.name, manager.readAt)).map(({ path }) => path),
  ];
  return [...new Set(stale.map(absolute))].sort();
}

/** `definition_on_disk`: the strongest unit file that is no directory, then the drop-ins that apply and are no dangling links. */
function definitionOnDisk(disk: Disk, unit: string): readonly { readonly path: string; readonly node: Node }[] {
  const { unit: nodes } = slotsOf(disk, unit);
  const rank = nodes.findIndex(node => node !== null && node.kind !== 'directory');
  const node = nodes[rank];
  const dropIns = dropInsOf(disk, unit).filter(({ node }) => fileBehind(disk, node, unit) !== null);
  return node ? [{ path: pathOf({ unit, role: 'unit', rank }), node }, ...dropIns] : dropIns;
}

/** The section [X-Stack], read now from the file that the unit was loaded from; null if there is none. */
export function declaredIn({ disk }: SimulatedMachine, unit: Unit): StackDeclaration | null {
  const node = slotsOf(disk, unit.name).unit[unit.rank];
  const text = node ? fileBehind(disk, node, unit.name)?.text : undefined;
  return text?.kind === 'unit' ? text.project : null;
}
