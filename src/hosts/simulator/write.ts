import { writeGenerations } from '../../../models/canonical.ts';
import type { Revisions } from '../../../models/revisions.ts';
import { stackOf } from '../../../models/search-path.ts';
import type { Scribe } from '../../../models/state-writer.ts';
import type { Container, Machine, Manager, Unit } from './machine.ts';
import type { Observer } from './observe/observer.ts';
import type { Generation, Text } from './store.ts';
import { type DropIns, isNewer, mtimeOf, type Node, type Slots, type Target } from './systemd/disk.ts';
import { dropInDirectoriesOf, pathOf } from './systemd/unit-paths.ts';

/**
 * Takes down how a machine stands, once it was looked at. Two that are taken down alike show the same and say the same,
 * whatever is done to them. The clock and ids are left out: of times only what they are compared with counts, of ids only
 * whose they are. So is what was said, and `reasons`, of which each is made anew before it is read.
 */
export function writeMachine(
  machine: Machine,
  observer: Observer,
  scribe: Scribe,
  revisions: Revisions,
  rollbacks: number,
): void {
  scribe.number(machine.registryUp);
  scribe.number(machine.linger);
  scribe.number(machine.isStoreFull);
  scribe.number(machine.isEtcReadOnly);
  for (const tags of [machine.registry, machine.images]) scribe.once(tags, () => scribe.each(tags, scribe.word));
  const { missing, malformed, aside } = machine.secrets;
  for (const names of [missing, malformed, aside]) scribe.once(names, () => writeNames(names, scribe));
  scribe.number(machine.strayTimers.length);
  writeProfile(machine, scribe, revisions, rollbacks);
  writeContainers(machine, scribe, revisions);
  writeDisk(machine, scribe, revisions);
  scribe.number(machine.manager !== null);
  if (machine.manager !== null) writeManager(machine, machine.manager, observer, scribe, revisions);
}

function writeProfile({ profile, home, oneshot }: Machine, scribe: Scribe, revisions: Revisions, rollbacks: number) {
  const kept = profile.generations.map(({ revision, files }) => ({ revision, has: [...files.keys()] }));
  writeGenerations(kept, profile.pointer, home?.revision, scribe, revisions, rollbacks);
  for (const generation of [home, oneshot.generation]) writeGeneration(generation, scribe, revisions);
  scribe.number(oneshot.active);
}

const writeGeneration = (generation: Generation | null, scribe: Scribe, revisions: Revisions): void =>
  scribe.word(generation === null ? '' : revisions.ofAll(generation.revision));

/** In their order: that of their age, by which programs go. */
function writeContainers({ containers, networks }: Machine, scribe: Scribe, revisions: Revisions): void {
  scribe.number(containers.length);
  for (const container of containers) writeContainer(container, scribe, revisions);
  // Who requires what, and who hangs on which network; ids of containers that are gone say nothing.
  containers.forEach(({ requires }, index) => {
    for (const [other, { id }] of containers.entries()) if (requires.includes(id)) scribe.number(index * 1_000 + other);
  });
  scribe.each(networks, guests => {
    for (const [index, { id }] of containers.entries()) if (guests.has(id)) scribe.number(index);
  });
}

function writeContainer(container: Container, scribe: Scribe, revisions: Revisions): void {
  const { stack, hash, definition } = container;
  scribe.word(stack);
  scribe.word(container.service);
  scribe.word(container.name);
  scribe.word(container.state);
  scribe.word(container.image);
  scribe.word(container.tag);
  scribe.word(container.imageName);
  scribe.word(container.greeting);
  scribe.word(container.marker);
  scribe.word(container.healthcheck);
  scribe.word(container.health);
  scribe.word(container.restart);
  scribe.word(container.unit);
  scribe.word(hash);
  scribe.number(container.autoUpdate);
  scribe.number(container.sick);
  scribe.number(container.handMade);
  scribe.number(container.seenStart !== container.startedAt);
  // A definition begins with the revision of its unit.
  const end = definition.indexOf(' ');
  const revision = Number.parseInt(definition.slice(0, Math.max(end, 0)), 10);
  scribe.word(Number.isNaN(revision) ? '' : revisions.ofStack(stack, revision));
  scribe.word(definition.slice(end + 1));
}

function writeDisk(machine: Machine, scribe: Scribe, revisions: Revisions): void {
  const { disk } = machine;
  writeGeneration(disk.static, scribe, revisions);
  // Units in their order on disk, which is the one in which they are started.
  for (const [unit, slots] of disk.slots) {
    scribe.word(unit);
    scribe.once(revisions.arePlain ? slots : null, () => writeSlots(slots, scribe, revisions));
    for (const role of ['unit', 'wants'] as const) {
      for (let rank = 0; rank < slots[role].length; rank++) {
        const node = slots[role][rank] ?? null;
        if (node === null) continue;
        scribe.number(isNew(machine, node, unit));
        if (role === 'unit') writeAge(machine, node, rank, unit, scribe);
      }
    }
  }
  scribe.each(disk.dropIns, ({ exists, files }, directory) =>
    writeDropIns(machine, exists, files, directory, scribe, revisions),
  );
  scribe.each(disk.drift, file => {
    writeText(file.text, scribe, revisions);
    scribe.number(machine.manager !== null && (file.since ?? 0) > machine.manager.readAt);
  });
  for (const isThere of disk.wantsDirectory) scribe.number(isThere);
}

function writeSlots(slots: Slots, scribe: Scribe, revisions: Revisions): void {
  for (const role of ['unit', 'wants'] as const) {
    for (const [rank, node] of slots[role].entries()) {
      if (node === null) continue;
      scribe.number(rank);
      writeNode(node, scribe, revisions);
    }
    scribe.word('.');
  }
}

/** Whether it came to stand there after the manager read all files last. */
const isNew = ({ disk, manager }: Machine, node: Node, unit: string): boolean =>
  manager !== null && isNewer(disk, node, unit, manager.readAt);

function writeDropIns(
  machine: Machine,
  exists: DropIns['exists'],
  files: DropIns['files'],
  directory: string,
  scribe: Scribe,
  revisions: Revisions,
): void {
  for (const isThere of exists) scribe.number(isThere);
  const { units } = machine.manager ?? { units: noUnits };
  scribe.each(files, (ranks, name) => {
    for (const [rank, node] of ranks.entries()) {
      if (node === null) continue;
      const path = pathOf({ role: 'dropIn', directory, name, rank });
      scribe.number(rank);
      writeNode(node, scribe, revisions);
      scribe.number(isNew(machine, node, directory.replace(/\.d$/, '')));
      scribe.each(units, unit => {
        const [near, far] = dropInDirectoriesOf(unit.name);
        if (directory !== far && !near.includes(directory)) return;
        // Where others count than the manager has read, it has to read them anew, whatever their times.
        if (!unit.dropIns.includes(path)) return;
        scribe.number((mtimeOf(machine.disk, node, unit.name) ?? Number.POSITIVE_INFINITY) > unit.dropInMtime);
      });
    }
  });
}

const noUnits: ReadonlyMap<string, Unit> = new Map();

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
 * Whether the file that the manager has read was written since. Of others it does not matter: what comes to stand in its
 * place by a link is read at once (unit-files.ts, enable), or was just written (place.ts).
 */
function writeAge({ disk, manager }: Machine, node: Node, rank: number, unit: string, scribe: Scribe): void {
  const loaded = manager?.units.get(unit);
  if (loaded?.rank !== rank) return;
  scribe.number((mtimeOf(disk, node, unit) ?? Number.POSITIVE_INFINITY) > loaded.fragmentMtime);
}

function writeTarget(target: Target | undefined, scribe: Scribe, revisions: Revisions): void {
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

function writeManager(machine: Machine, manager: Manager, observer: Observer, scribe: Scribe, revisions: Revisions) {
  const { disk } = machine;
  const { places } = manager;
  scribe.number(manager.hasFailedStranger);
  scribe.once(manager.wanted, () => writeNames(manager.wanted, scribe));
  // A map that is out of date is made anew before it is read.
  const isCurrent = places.stamp === disk.stamp;
  scribe.number(isCurrent);
  if (isCurrent) {
    scribe.once(places.of, () => scribe.each(places.of, scribe.number));
    scribe.once(places.directories, () =>
      scribe.each(places.directories, exists => {
        for (const isThere of exists) scribe.number(isThere);
      }),
    );
  }
  scribe.each(manager.units, unit => {
    const isPending = unit.activeSince !== 0 && unit.activeSince !== observer.activeSince.get(unit.name);
    writeUnit(unit, scribe, revisions);
    scribe.number(isPending);
    scribe.number(unit.missedAt === disk.stamp);
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
  scribe.word(unit.fileState ?? '');
}

const writeNames = (names: Iterable<string>, scribe: Scribe): void => scribe.each(entriesOf(names), nothing);

function* entriesOf(names: Iterable<string>): Generator<readonly [string, null]> {
  for (const name of names) yield [name, null];
}

const nothing = (): void => {};
