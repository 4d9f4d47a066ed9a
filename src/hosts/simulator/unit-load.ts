import { type Disk, fileBehind, mtimeOf, type Node, pathOf, type Slots, slotsOf } from './disk.ts';
import type { Unit } from './machine.ts';

/** A unit that the manager has just heard of. */
export const newUnit = (name: string): Unit => ({
  name,
  load: 'not-found',
  fragment: '',
  fragmentMtime: 0,
  dropIns: none,
  dropInMtime: 0,
  project: null,
  revision: null,
  marker: null,
  active: 'inactive',
  result: 'success',
  activeSince: 0,
  fileState: null,
  seen: null,
});

const none: readonly string[] = [];

/** Reads the unit from disk, as daemon-reload does; what it is doing and how it ended stay as they were (facts.md F14). */
export function load(disk: Disk, unit: Unit): void {
  const slots = slotsOf(disk, unit.name);
  Object.assign(unit, {
    load: 'not-found',
    fragment: '',
    fragmentMtime: 0,
    project: null,
    revision: null,
    marker: null,
  });
  Object.assign(unit, { dropIns: none, dropInMtime: 0, fileState: null, seen: null });
  const rank = fragmentRank(slots);
  const node = slots.unit[rank];
  const file = node && fileBehind(disk, node, unit.name);
  if (!file) return;
  unit.fragment = pathOf({ unit: unit.name, role: 'unit', rank });
  unit.fragmentMtime = file.mtime;
  if (file.text.kind === 'empty') {
    unit.load = 'masked';
    return;
  }
  // A fragment without ExecStart= is refused, but what it says is in memory all the same (facts.md F9).
  unit.load = file.text.kind === 'unit' ? 'loaded' : 'bad-setting';
  unit.marker = file.text.marker;
  if (file.text.kind === 'unit') {
    unit.project = file.text.project;
    unit.revision = file.text.revision;
  }
  loadDropIns(disk, unit, slots);
}

/**
 * The fragment is the strongest that is no directory, even where it is a dangling link and hence leads nowhere; a
 * directory is passed over (seen on systemd 257).
 */
export const fragmentRank = (slots: Slots): number =>
  slots.unit.findIndex(node => node !== null && node.kind !== 'directory');

/** The one drop-in that counts: of several with the same name the strongest, whatever it is (facts.md F6). */
export const dropInRank = (slots: Slots): number => slots.dropIn.findIndex(node => node !== null);

function loadDropIns(disk: Disk, unit: Unit, slots: Slots): void {
  const rank = dropInRank(slots);
  const node = slots.dropIn[rank];
  if (!node) return;
  unit.dropIns = [pathOf({ unit: unit.name, role: 'dropIn', rank })];
  const file = fileBehind(disk, node, unit.name);
  // One that cannot be read is listed, says nothing, and its time stays unknown: NeedDaemonReload is yes for ever.
  if (file === null) return;
  unit.dropInMtime = file.mtime;
  if (file.text.kind === 'empty') return;
  unit.marker = file.text.marker;
  if (file.text.kind === 'unit') unit.revision = file.text.revision;
}

/** What default.target wants: links only; one to an empty file takes the wish away (facts.md F7; systemd's dropin.c). */
export function wantedUnits(disk: Disk): ReadonlySet<string> {
  const wanted = new Set<string>();
  for (const [name, { wants }] of disk.slots) {
    const node = wants.find(node => node !== null);
    if (node && isLink(node) && fileBehind(disk, node, name)?.text.kind !== 'empty') wanted.add(name);
  }
  return wanted;
}

/** Whether lstat() says that it is a link. */
export const isLink = (node: Node): boolean => node.kind === 'link' || node.kind === 'generation';

/**
 * NeedDaemonReload: times only, so that a link moved from one store path to another goes unnoticed (facts.md F11, F12;
 * facts-debian13 F81).
 */
export function needsReload(disk: Disk, unit: Unit): boolean {
  if (unit.fragment === '') return false;
  const slots = slotsOf(disk, unit.name);
  const node = nodeAt(slots, 'unit', unit);
  const mtime = node ? mtimeOf(disk, node, unit.name) : null;
  if (mtime === null) return true;
  if (unit.load === 'masked') return node == null || fileBehind(disk, node, unit.name)?.text.kind !== 'empty';
  if (mtime > unit.fragmentMtime) return true;
  return dropInsMoved(disk, unit, slots);
}

function dropInsMoved(disk: Disk, unit: Unit, slots: Slots): boolean {
  const rank = dropInRank(slots);
  const loaded = unit.dropIns[0];
  // Which drop-ins there are is only asked of a unit that was loaded well; their times of any.
  if (unit.load === 'loaded') {
    const now = rank < 0 ? undefined : pathOf({ unit: unit.name, role: 'dropIn', rank });
    if (now !== loaded) return true;
    if (loaded === undefined) return false;
    const node = slots.dropIn[rank] as Node;
    const mtime = mtimeOf(disk, node, unit.name);
    return mtime === null || mtime > unit.dropInMtime;
  }
  return false;
}

function nodeAt(slots: Slots, role: 'unit', unit: Unit): Node | null | undefined {
  return slots[role].find((_, rank) => pathOf({ unit: unit.name, role, rank }) === unit.fragment);
}
