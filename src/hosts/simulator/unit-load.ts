import type { StackDeclaration } from '../../../models/declaration.ts';
import { type Disk, fileBehind, mtimeOf, type Node, type Slots, slotsOf } from './disk.ts';
import type { Places, Unit } from './machine.ts';
import { pathOf } from './spots.ts';

/** A unit that the manager has just heard of. */
export const newUnit = (name: string): Unit => ({
  name,
  load: 'not-found',
  fragment: '',
  fragmentMtime: 0,
  dropIns: none,
  dropInMtime: 0,
  runs: nothing,
  revision: null,
  marker: null,
  active: 'inactive',
  result: 'success',
  activeSince: 0,
  fileState: null,
  missedAt: -1,
  rank: -1,
  seen: null,
});

const none: readonly string[] = [];
const nothing: readonly StackDeclaration[] = [];

/** Reads the unit from disk, as daemon-reload does; what it is doing and how it ended stay as they were (facts.md F14). */
export function load(disk: Disk, places: Places, unit: Unit): void {
  const slots = slotsOf(disk, unit.name);
  const place = placeOf(disk, places, unit.name);
  const rank = place?.fragment ?? -1;
  const node = slots.unit[rank];
  const file = node ? fileBehind(disk, node, unit.name) : null;
  forgotten(unit);
  unit.missedAt = places.stamp;
  if (file === null) return;
  unit.rank = rank;
  unit.fragment = pathOf({ unit: unit.name, role: 'unit', rank });
  unit.fragmentMtime = file.mtime;
  if (file.text.kind === 'empty') {
    unit.load = 'masked';
    return;
  }
  unit.marker = file.text.marker;
  if (file.text.kind === 'unit') {
    unit.runs = [file.text.project];
    unit.revision = file.text.revision;
  }
  loadDropIns(disk, unit, slots, place?.dropInDirectory ?? []);
  // A unit without ExecStart= is refused, but what it says is in memory all the same (facts.md F9).
  unit.load = unit.runs.length > 0 ? 'loaded' : 'bad-setting';
}

function forgotten(unit: Unit): void {
  unit.load = 'not-found';
  unit.rank = -1;
  unit.fragment = '';
  unit.dropIns = none;
  unit.dropInMtime = 0;
  unit.runs = nothing;
  unit.revision = null;
  unit.marker = null;
  unit.fileState = null;
  unit.seen = null;
}

/** Where the manager believes the unit's files to be: it looks around only where it has to (unit-file.c). */
function placeOf(disk: Disk, places: Places, name: string) {
  if (places.stamp !== disk.stamp) lookAround(disk, places);
  return places.of.get(name);
}

/** Makes the manager's map of unit files anew. */
export function lookAround(disk: Disk, places: Places): void {
  places.of.clear();
  for (const [unit, slots] of disk.slots) {
    places.of.set(unit, { fragment: fragmentRank(slots), dropInDirectory: [...slots.dropInDirectory] });
  }
  places.stamp = disk.stamp;
}

/**
 * The fragment is the strongest that is no directory, even where it is a dangling link and hence leads nowhere; a
 * directory is passed over (seen on systemd 257).
 */
const fragmentRank = (slots: Slots): number => slots.unit.findIndex(node => node !== null && node.kind !== 'directory');

/** The one drop-in that counts: of several with the same name the strongest, whatever it is (facts.md F6). */
export const dropInRank = (slots: Slots): number => slots.dropIn.findIndex(node => node !== null);

function loadDropIns(disk: Disk, unit: Unit, slots: Slots, known: readonly boolean[]): void {
  const rank = slots.dropIn.findIndex((node, rank) => node !== null && known[rank]);
  const node = slots.dropIn[rank];
  if (!node) return;
  unit.dropIns = [pathOf({ unit: unit.name, role: 'dropIn', rank })];
  const file = fileBehind(disk, node, unit.name);
  // One that cannot be read is listed, says nothing, and its time stays unknown: NeedDaemonReload is yes for ever.
  if (file === null) return;
  unit.dropInMtime = file.mtime;
  if (file.text.kind === 'empty') return;
  unit.marker = file.text.marker;
  if (file.text.kind !== 'unit') return;
  // Its ExecStart= comes after the fragment's, as it may in a oneshot.
  unit.revision = file.text.revision;
  unit.runs = [...unit.runs, file.text.project];
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
  if (unit.rank < 0) return false;
  const slots = slotsOf(disk, unit.name);
  const node = slots.unit[unit.rank];
  const mtime = node ? mtimeOf(disk, node, unit.name) : null;
  if (!node || mtime === null) return true;
  if (unit.load === 'masked') return fileBehind(disk, node, unit.name)?.text.kind !== 'empty';
  return mtime > unit.fragmentMtime || dropInsMoved(disk, unit, slots);
}

/** Which drop-ins there are is only asked of a unit that was loaded well. */
function dropInsMoved(disk: Disk, unit: Unit, slots: Slots): boolean {
  if (unit.load !== 'loaded') return false;
  const rank = dropInRank(slots);
  const node = slots.dropIn[rank];
  if (!node) return unit.dropIns.length > 0;
  if (pathOf({ unit: unit.name, role: 'dropIn', rank }) !== unit.dropIns[0]) return true;
  const mtime = mtimeOf(disk, node, unit.name);
  return mtime === null || mtime > unit.dropInMtime;
}
