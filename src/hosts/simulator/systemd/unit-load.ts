import type { StackDeclaration } from '../../../../models/machine/declaration.ts';
import type { Places, Unit } from '../machine.ts';
import { isPlain } from '../store.ts';
import { type Disk, fileBehind, mtimeOf, type Node, type PathSlots, slotsOf } from './disk.ts';
import { type DropIn, directoriesOf, dropInsOf } from './drop-ins.ts';
import { firstTarget, pathOf, wantsRoles } from './unit-paths.ts';

/** A unit that the manager did not know before. */
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
  begun: 0,
  rank: -1,
  seen: null,
});

const none: readonly string[] = [];
const nothing: readonly StackDeclaration[] = [];

/** Reads the unit from disk, as daemon-reload does. What it is doing and how it ended stay as they were (facts.md F14). */
export function load(disk: Disk, places: Places, unit: Unit): void {
  const slots = slotsOf(disk, unit.name);
  const rank = placeOf(disk, places, unit.name);
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
  if (!isPlain(file.text)) unit.marker = file.text.marker;
  if (file.text.kind === 'unit') {
    unit.runs = [file.text.project];
    unit.revision = file.text.revision;
  }
  for (const dropIn of dropInsOf(disk, unit.name, places.directories)) loadDropIn(disk, unit, dropIn);
  // A unit without ExecStart= is refused, but what it says is in memory (facts.md F9).
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

/** Where the manager believes that the unit's file is; it looks again only if it has to (unit-file.c). */
function placeOf(disk: Disk, places: Places, name: string): number {
  if (places.stamp !== disk.stamp) lookAround(disk, places);
  return places.of.get(name) ?? -1;
}

/** Makes the manager's map of unit files anew. */
export function lookAround(disk: Disk, places: Places): void {
  const of = new Map<string, number>();
  for (const [unit, slots] of disk.slots) of.set(unit, fragmentRank(slots));
  places.of = of;
  places.directories = directoriesOf(disk);
  places.stamp = disk.stamp;
}

/**
 * The fragment is the strongest file that is no directory, even if it is a dangling link; a directory is ignored (seen on
 * systemd 257).
 */
const fragmentRank = (slots: PathSlots): number =>
  slots.unit.findIndex(node => node !== null && node.kind !== 'directory');

function loadDropIn(disk: Disk, unit: Unit, { path, node }: DropIn): void {
  unit.dropIns = [...unit.dropIns, path];
  const file = fileBehind(disk, node, unit.name);
  // A drop-in that cannot be read is listed, has no effect, and has no known time: NeedDaemonReload stays yes.
  if (file === null) return;
  unit.dropInMtime = Math.max(unit.dropInMtime, file.mtime);
  if (isPlain(file.text)) return;
  unit.marker = file.text.marker;
  if (file.text.kind !== 'unit') return;
  // Its ExecStart= is added after the fragment's, as a oneshot allows.
  unit.revision = file.text.revision;
  unit.runs = [...unit.runs, file.text.project];
}

/**
 * Whether default.target can be loaded: by the package's file, unless something else stands in its place, which here is never a
 * target (place.ts); a directory is ignored (facts.md F210).
 */
export const hasFirstTarget = ({ slots }: Disk): boolean => {
  const shadows = slots.get(firstTarget);
  return shadows === undefined || fragmentRank(shadows) < 0;
};

/** What default.target wants, and basic.target, which every manager starts. Only links count; a link to an empty file cancels the wish (facts.md F7; systemd's dropin.c). */
export function wantedUnits(disk: Disk): ReadonlySet<string> {
  const wanted = new Set<string>();
  if (!hasFirstTarget(disk)) return wanted;
  for (const [name, slots] of disk.slots) {
    for (const role of wantsRoles) {
      const node = slots[role].find(node => node !== null);
      if (node && isLink(node) && fileBehind(disk, node, name)?.text.kind !== 'empty') wanted.add(name);
    }
  }
  return wanted;
}

/** Whether lstat() shows a link. */
export const isLink = ({ kind }: Node): boolean => kind === 'link' || kind === 'generation' || kind === 'static';

/**
 * NeedDaemonReload compares only times: if a link is moved from one store path to another, it does not notice (facts.md F11,
 * F12; facts-debian13 F81).
 */
export function needsReload(disk: Disk, unit: Unit): boolean {
  if (unit.rank < 0) return false;
  const slots = slotsOf(disk, unit.name);
  const node = slots.unit[unit.rank];
  const mtime = node ? mtimeOf(disk, node, unit.name) : null;
  if (!node || mtime === null) return true;
  if (unit.load === 'masked') return fileBehind(disk, node, unit.name)?.text.kind !== 'empty';
  return mtime > unit.fragmentMtime || dropInsMoved(disk, unit);
}

/** The list of drop-ins is compared only for a unit that was loaded without error. */
function dropInsMoved(disk: Disk, unit: Unit): boolean {
  if (unit.load !== 'loaded') return false;
  const now = dropInsOf(disk, unit.name);
  if (now.length !== unit.dropIns.length || now.some(({ path }, at) => path !== unit.dropIns[at])) return true;
  return now.some(({ node }) => (mtimeOf(disk, node, unit.name) ?? Number.POSITIVE_INFINITY) > unit.dropInMtime);
}
