import { stackOf } from '../../../models/machine/search-path.ts';
import { bits, indexOf, variantOf, writeFields, writeGenerations } from '../../../models/search/canonical.ts';
import type { Revisions } from '../../../models/search/revisions.ts';
import type { Scribe } from '../../../models/search/state-writer.ts';
import type { Container, Manager, SimulatedMachine, Unit } from './machine.ts';
import type { Observer } from './observe/observer.ts';
import type { Generation, Text } from './store.ts';
import { type DropIns, isNewer, type LinkTarget, mtimeOf, type Node, type PathSlots } from './systemd/disk.ts';
import { unitOfDirectory } from './systemd/drop-ins.ts';
import { dropInDirectoriesOf, pathOf, wantsRoles } from './systemd/unit-paths.ts';

/**
 * Writes down the state of a machine that was looked at. Two machines with the same text show the same, whatever is done to
 * them. The clock and ids are left out: of times only their order counts, of ids only which containers they name. The log is
 * left out, and so are `reasons`, which are always written before they are read.
 */
export function writeMachine(
  machine: SimulatedMachine,
  observer: Observer,
  scribe: Scribe,
  revisions: Revisions,
  rollbacks: number,
): void {
  const { manager, secrets, containers } = machine;
  scribe.number(
    bits([machine.registryUp, machine.linger, machine.isStoreFull, machine.isEtcReadOnly, manager !== null]),
  );
  for (const tags of [machine.registry, machine.images]) {
    if (!scribe.isToWrite(tags)) continue;
    scribe.each(tags, scribe.word);
    scribe.written();
  }
  for (const names of [secrets.missing, secrets.malformed, secrets.rotated, secrets.aside]) {
    writeNamesOnce(names, scribe);
  }
  scribe.number(machine.strayTimers.length);
  if (machine.around !== null) scribe.word(JSON.stringify(machine.around));
  writeProfile(machine, scribe, revisions, rollbacks);
  if (scribe.isToWrite(revisions.arePlain ? containers : null)) {
    writeContainers(containers, scribe, revisions);
    scribe.written();
  }
  writeNetworks(machine, scribe);
  if (scribe.isToWrite(machine.resources)) {
    scribe.each(machine.resources, ({ made, nth }) => {
      scribe.word(JSON.stringify(made));
      scribe.number(nth);
    });
    scribe.written();
  }
  writeDisk(machine, scribe, revisions);
  if (manager !== null) writeManager(machine, manager, observer, scribe, revisions);
}

function writeProfile(
  { profile, home, oneshot }: SimulatedMachine,
  scribe: Scribe,
  revisions: Revisions,
  rollbacks: number,
) {
  const { generations, pointer } = profile;
  const at = indexOf(generations, home?.revision);
  const reach = Math.min(rollbacks, generations.length + 1);
  if (scribe.isToWrite(revisions.arePlain ? generations : null, variantOf(pointer, at, reach))) {
    const kept = generations.map(({ revision, files }) => ({ revision, has: [...files.keys()] }));
    writeGenerations(kept, pointer, at, scribe, revisions, reach);
    scribe.written();
  }
  writeGeneration(home, scribe, revisions);
  writeGeneration(oneshot.generation, scribe, revisions);
  scribe.number(oneshot.active);
}

const writeGeneration = (generation: Generation | null, scribe: Scribe, revisions: Revisions): void =>
  scribe.word(generation === null ? '' : revisions.ofAll(generation.revision));

/** In the order of their age, by which programs list them. */
function writeContainers(containers: readonly Container[], scribe: Scribe, revisions: Revisions): void {
  scribe.number(containers.length);
  for (const container of containers) {
    if (scribe.isToWrite(revisions.arePlain ? container : null)) {
      writeContainer(container, scribe, revisions);
      scribe.written();
    }
  }
  // Which container requires which; ids of containers that are gone are left out.
  containers.forEach(({ requires }, index) => {
    for (const [other, { id }] of containers.entries()) if (requires.includes(id)) scribe.number(index * 1_000 + other);
  });
}

/** Which containers are on which network. */
function writeNetworks({ containers, networks }: SimulatedMachine, scribe: Scribe): void {
  scribe.each(networks, guests => {
    if (guests.size === 0) return;
    for (const [index, { id }] of containers.entries()) if (guests.has(id)) scribe.number(index);
  });
}

function writeContainer(container: Container, scribe: Scribe, revisions: Revisions): void {
  const { stack, hash, definition } = container;
  scribe.word(stack);
  scribe.word(container.service);
  writeFields(container, scribe);
  scribe.word(container.state);
  scribe.word(container.imageName);
  scribe.word(container.healthcheck);
  scribe.word(container.given);
  scribe.word(container.health);
  scribe.word(hash);
  scribe.number(container.ends ?? -1);
  const { sick, handMade } = container;
  scribe.number(bits([sick, handMade, container.seenStart !== container.startedAt]));
  // A definition begins with the revision of its unit.
  const end = definition.indexOf(' ');
  const revision = Number.parseInt(definition.slice(0, Math.max(end, 0)), 10);
  scribe.word(Number.isNaN(revision) ? '' : revisions.ofStack(stack, revision));
  scribe.word(definition.slice(end + 1));
}

function writeDisk(machine: SimulatedMachine, scribe: Scribe, revisions: Revisions): void {
  const { disk } = machine;
  writeGeneration(disk.static, scribe, revisions);
  // Units in their order on disk, in which they are also started.
  for (const [unit, slots] of disk.slots) {
    scribe.word(unit);
    if (scribe.isToWrite(revisions.arePlain ? slots : null)) {
      writeSlots(slots, scribe, revisions);
      scribe.written();
    }
    writeAges(machine, slots, unit, scribe);
  }
  scribe.each(disk.dropIns, (dropIns, directory) => {
    if (scribe.isToWrite(revisions.arePlain ? dropIns : null)) {
      writeDropIns(dropIns, scribe, revisions);
      scribe.written();
    }
    writeAgesOfDropIns(machine, dropIns, directory, scribe);
  });
  scribe.each(disk.drift, file => {
    writeText(file.text, scribe, revisions);
    scribe.number(machine.manager !== null && (file.since ?? 0) > machine.manager.readAt);
  });
  for (const role of wantsRoles) scribe.number(bits(disk.wantsDirectories[role]));
}

/** Which files of a unit are newer than the manager's last reading of all files, and of that unit's, in order. */
function writeAges(machine: SimulatedMachine, slots: PathSlots, unit: string, scribe: Scribe): void {
  let ages = 1;
  for (let rank = 0; rank < slots.unit.length; rank++) {
    const node = slots.unit[rank] ?? null;
    if (node === null) continue;
    ages = 4 * ages + (isNew(machine, node, unit) ? 2 : 0) + (isNewerThanRead(machine, node, rank, unit) ? 1 : 0);
  }
  scribe.number(ages);
  for (const role of wantsRoles) {
    let wantsAges = 1;
    for (const node of slots[role]) if (node !== null) wantsAges = 2 * wantsAges + (isNew(machine, node, unit) ? 1 : 0);
    scribe.number(wantsAges);
  }
}

function writeSlots(slots: PathSlots, scribe: Scribe, revisions: Revisions): void {
  for (const nodes of [slots.unit, slots.wants, slots.also]) {
    writeRanks(nodes, scribe, revisions);
    scribe.word('.');
  }
}

function writeRanks(nodes: readonly (Node | null)[], scribe: Scribe, revisions: Revisions): void {
  for (let rank = 0; rank < nodes.length; rank++) {
    const node = nodes[rank] ?? null;
    if (node === null) continue;
    scribe.number(rank);
    writeNode(node, scribe, revisions);
  }
}

/** Whether it was written after the manager last read all files. */
const isNew = ({ disk, manager }: SimulatedMachine, node: Node, unit: string): boolean =>
  manager !== null && isNewer(disk, node, unit, manager.readAt);

function writeDropIns({ exists, files }: DropIns, scribe: Scribe, revisions: Revisions): void {
  scribe.number(bits(exists));
  scribe.each(files, ranks => writeRanks(ranks, scribe, revisions));
}

/** Which drop-ins are newer than the manager's last reading of all files, or of the units to which they apply. */
function writeAgesOfDropIns(
  { disk, manager }: SimulatedMachine,
  { files }: DropIns,
  directory: string,
  scribe: Scribe,
): void {
  if (manager === null) return;
  const unit = unitOfDirectory(directory);
  scribe.each(files, (ranks, name) => {
    for (let rank = 0; rank < ranks.length; rank++) {
      const node = ranks[rank] ?? null;
      if (node === null) continue;
      scribe.number(isNewer(disk, node, unit, manager.readAt));
      // If other drop-ins apply than the manager has read, it has to read them anew, whatever their times are.
      scribe.each(readersOf(manager, directory, name, rank), ({ dropInMtime }, reader) =>
        scribe.number((mtimeOf(disk, node, reader) ?? Number.POSITIVE_INFINITY) > dropInMtime),
      );
    }
  });
}

/** The units to which, as the manager knows, a drop-in applies. */
function readersOf({ units }: Manager, directory: string, name: string, rank: number): ReadonlyMap<string, Unit> {
  let readers: Map<string, Unit> | null = null;
  for (const [unit, knows] of units) {
    if (knows.dropIns.length === 0) continue;
    const [near, far] = dropInDirectoriesOf(unit);
    if (directory !== far && !near.includes(directory)) continue;
    if (!knows.dropIns.includes(pathOf({ role: 'dropIn', directory, name, rank }))) continue;
    readers ??= new Map();
    readers.set(unit, knows);
  }
  return readers ?? none;
}

const none: ReadonlyMap<string, Unit> = new Map();

function writeNode(node: Node, scribe: Scribe, revisions: Revisions): void {
  scribe.word(node.kind);
  switch (node.kind) {
    case 'generation':
      writeGeneration(node.generation, scribe, revisions);
      break;
    case 'file':
      writeText(node.file.text, scribe, revisions);
      break;
    case 'link':
      scribe.word(node.target);
      writeTarget(node.leadsTo, scribe, revisions);
      break;
  }
}

/**
 * Whether the file that the manager has read was written since. For other files it does not matter: a file that takes its place
 * by a link is read at once (unit-files.ts, enable), or was just written (place.ts).
 */
function isNewerThanRead({ disk, manager }: SimulatedMachine, node: Node, rank: number, unit: string): boolean {
  const loaded = manager?.units.get(unit);
  return loaded?.rank === rank && (mtimeOf(disk, node, unit) ?? Number.POSITIVE_INFINITY) > loaded.fragmentMtime;
}

function writeTarget(target: LinkTarget | undefined, scribe: Scribe, revisions: Revisions): void {
  scribe.number(target !== undefined);
  if (target === undefined) return;
  if ('file' in target) writeText(target.file.text, scribe, revisions);
  else scribe.number(target.rank);
}

function writeText(text: Text, scribe: Scribe, revisions: Revisions): void {
  scribe.word(text.kind);
  if (text.kind === 'empty' || text.kind === 'property') return;
  scribe.word(text.marker);
  if (text.kind === 'unit') scribe.word(revisions.ofStack(text.stack, text.revision));
}

function writeManager(
  machine: SimulatedMachine,
  manager: Manager,
  observer: Observer,
  scribe: Scribe,
  revisions: Revisions,
) {
  const { disk } = machine;
  const { places } = manager;
  // A map that is out of date is made anew before it is read.
  const isCurrent = places.stamp === disk.stamp;
  scribe.number(bits([manager.hasFailedStranger, isCurrent]));
  writeNamesOnce(manager.wanted, scribe);
  if (isCurrent) {
    if (scribe.isToWrite(places.of)) {
      scribe.each(places.of, scribe.number);
      scribe.written();
    }
    if (scribe.isToWrite(places.directories)) {
      scribe.each(places.directories, exists => scribe.number(bits(exists)));
      scribe.written();
    }
  }
  scribe.each(manager.units, unit => {
    const isPending = unit.activeSince !== 0 && unit.activeSince !== observer.activeSince.get(unit.name);
    if (scribe.isToWrite(revisions.arePlain ? unit : null)) {
      writeUnit(unit, scribe, revisions);
      scribe.written();
    }
    scribe.number(bits([isPending, unit.missedAt === disk.stamp]));
  });
}

function writeUnit(unit: Unit, scribe: Scribe, revisions: Revisions): void {
  const stack = stackOf(unit.name) ?? '';
  scribe.word(unit.load);
  scribe.word(unit.fragment);
  scribe.number(unit.rank);
  scribe.number(unit.dropIns.length);
  for (const path of unit.dropIns) scribe.word(path);
  scribe.number(unit.runs.length);
  for (const { revision } of unit.runs) scribe.word(revisions.ofStack(stack, revision));
  scribe.word(unit.revision === null ? '' : revisions.ofStack(stack, unit.revision));
  scribe.word(unit.marker ?? '');
  scribe.word(unit.active);
  scribe.word(unit.result);
  scribe.number(unit.begun);
  scribe.word(unit.fileState ?? '');
}

function writeNamesOnce(names: ReadonlySet<string>, scribe: Scribe): void {
  if (!scribe.isToWrite(names)) return;
  scribe.names(names);
  scribe.written();
}
