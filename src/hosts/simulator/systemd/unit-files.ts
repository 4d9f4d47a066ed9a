import { absolute, fine, type Said, type SimulatedMachine } from '../machine.ts';
import type { File } from '../store.ts';
import { fileBehind, type LinkTarget, type Node, put, removeDropIns, slotsOf } from './disk.ts';
import { hasInstall } from './unit-file-state.ts';
import { isLink } from './unit-load.ts';
import {
  isPackages,
  owned,
  type PathRole,
  pathOf,
  pathRoles,
  runtimeConfig,
  toBeReverted,
  transient,
  type WantsRole,
} from './unit-paths.ts';

/*
 * What systemctl itself does with unit files before it makes the manager reload: systemd's install.c, every rule seen on 257
 * (facts-debian13 F97). It writes below ~/.config/systemd/user, with --runtime below %t/systemd/user.
 */

const failed = (verb: string, reason: string): Said => ({ status: 1, message: `Failed to ${verb} unit: ${reason}` });

/**
 * `enable`: makes a wants link to the file at the end of the unit's own link. If that link is in another directory, the unit is
 * first linked here.
 */
export const enable = (machine: SimulatedMachine, unit: string): Said => wished(machine, 'enable', unit, 'wants');

/** `add-wants basic.target UNIT`: the same by another target, whatever the unit's own [Install] section says. */
export const addWants = (machine: SimulatedMachine, unit: string): Said => wished(machine, 'add-wants', unit, 'also');

function wished(machine: SimulatedMachine, verb: string, unit: string, role: WantsRole): Said {
  const { disk } = machine;
  const found = strongest(machine, unit);
  const missing = failed(verb, `Unit ${unit} does not exist`);
  if (found === null) return missing;
  const { node, rank } = found;
  if (node.kind === 'directory') return failed(verb, `File ${unit}: Is a directory`);
  const file = fileBehind(disk, node, unit);
  if (file === null) return missing;
  const path = pathOf({ unit, role: 'unit', rank });
  if (file.text.kind === 'empty') return failed(verb, `Unit ${absolute(path)} is masked`);
  if (rank === transient && node.kind === 'file') {
    return failed(verb, `Unit ${absolute(path)} is transient or generated`);
  }
  if (rank !== owned && isLink(node)) {
    put(disk, { unit, role: 'unit', rank: owned }, { kind: 'link', ...leading(node, file, unit, rank, path) });
  }
  if (role === 'wants' && !hasInstall(disk, unit)) return fine;
  const wish = { unit, role, rank: owned };
  const before = slotsOf(disk, unit)[role][owned];
  if (before && !isLink(before)) return failed(verb, `File '${absolute(pathOf(wish))}' already exists`);
  // A link that already leads to the same file is left as it is.
  if (before && fileBehind(disk, before, unit) === file) return fine;
  put(disk, wish, { kind: 'link', ...leading(node, file, unit, rank, path) });
  return fine;
}

/** The target of a link that is made to the end of another link. */
function leading(
  node: Node,
  file: File,
  unit: string,
  rank: number,
  path: string,
): { target: string; leadsTo?: LinkTarget } {
  if (node.kind === 'link') {
    return { target: node.target, ...(node.leadsTo !== undefined && { leadsTo: node.leadsTo }) };
  }
  return node.kind === 'file'
    ? { target: path, leadsTo: { unit, rank } }
    : { target: `/nix/store/…-unit-${unit}/${unit}`, leadsTo: { file } };
}

/** `disable`: every link of the unit's name is removed, also the owner's link to the unit itself (facts.md F16). */
export function disable(machine: SimulatedMachine, unit: string): Said {
  const found = strongest(machine, unit);
  if (found?.node.kind === 'directory') return failed('disable', `File ${unit}: Is a directory`);
  if (found && fileBehind(machine.disk, found.node, unit)?.text.kind === 'empty') return fine;
  const removed = pathRoles.map(role => unlinked(machine, unit, role));
  if (found === null && !removed.includes(true)) return failed('disable', `Unit ${unit} does not exist`);
  return fine;
}

function unlinked({ disk }: SimulatedMachine, unit: string, role: PathRole): boolean {
  const node = slotsOf(disk, unit)[role][owned];
  if (!node || !isLink(node)) return false;
  put(disk, { unit, role, rank: owned }, null);
  return true;
}

/** `mask`: refused if something else is there; with --force a link is replaced. */
export function mask({ disk }: SimulatedMachine, unit: string, rank: number, force: boolean): Said {
  const location = { unit, role: 'unit' as const, rank };
  const node = slotsOf(disk, unit).unit[rank];
  if (node?.kind === 'link' && node.target === '/dev/null') return fine;
  if (node && !(force && isLink(node))) {
    return failed('mask', `File '${absolute(pathOf(location))}' already exists${linkTo(node)}`);
  }
  put(disk, location, { kind: 'link', target: '/dev/null' });
  return fine;
}

/** Where a link leads is printed as a store path; its hash is not compared. */
const linkTo = (node: Node): string =>
  isLink(node) ? ` and is a symlink to ${absolute(node.kind === 'link' ? node.target : '/nix/store/…')}` : '';

/** `unmask`: removes a mask, which is a link to /dev/null or an empty file, and nothing else. */
export function unmask({ disk }: SimulatedMachine, unit: string): Said {
  const node = slotsOf(disk, unit).unit[owned];
  if (node && isMask(node)) put(disk, { unit, role: 'unit', rank: owned }, null);
  return fine;
}

const isMask = (node: Node): boolean =>
  node.kind === 'file' ? node.file.text.kind === 'empty' : node.kind === 'link' && node.target === '/dev/null';

/**
 * `revert`: removes the unit's own drop-ins where systemctl might have written them, and leaves the unit (facts.md F15). If a
 * package brings the unit too, the operator's unit is removed (systemd's unit_file_revert).
 */
export function revert({ disk }: SimulatedMachine, unit: string): Said {
  for (const rank of toBeReverted) removeDropIns(disk, `${unit}.d`, rank);
  const nodes = slotsOf(disk, unit).unit;
  const isPackaged = nodes.some((node, rank) => isPackages[rank] && node?.kind === 'file');
  if (!isPackaged) return fine;
  for (const rank of [owned, runtimeConfig]) {
    const node = nodes[rank];
    if (node && node.kind !== 'directory') put(disk, { unit, role: 'unit', rank }, null);
  }
  return fine;
}

function strongest({ disk }: SimulatedMachine, unit: string): { readonly node: Node; readonly rank: number } | null {
  const { unit: nodes } = slotsOf(disk, unit);
  const rank = nodes.findIndex(node => node !== null);
  const node = nodes[rank];
  return node ? { node, rank } : null;
}
