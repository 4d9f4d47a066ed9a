import type { OnDisk } from './observation.ts';
import { type Revisions, withRevisions } from './revisions.ts';
import { noScribe, type Scribe, textScribe } from './state-writer.ts';
import type { ContainerWorld, Loaded, StackWorld, World } from './world.ts';

/**
 * How a world stands, as text: equal for worlds of which no sequence of operations with at most so many rollbacks can
 * tell one from the other. The order of keys, the numbers of revisions and what no rollback reaches any more are left out.
 * The names of stacks and services are not: programs go by their order, so that no two are truly interchangeable.
 */
export function canonical(world: World, rollbacks = Number.POSITIVE_INFINITY): string {
  const scribe = textScribe();
  const writing = (into: Scribe) => (revisions: Revisions) => writeWorld(world, into, revisions, rollbacks);
  withRevisions(world, writing(scribe), writing(noScribe));
  return scribe.text();
}

/** Takes a world down. */
export function writeWorld(world: World, scribe: Scribe, revisions: Revisions, rollbacks: number): void {
  scribe.number(world.manager === 'running');
  scribe.number(world.linger);
  scribe.number(world.forgotten);
  scribe.number(world.store === 'full');
  scribe.number(world.etc === 'read-only');
  // Why nothing is known says no more than that.
  scribe.number(world.uncertain !== null);
  scribe.number(world.registryUp);
  scribe.word(revisions.ofAll(world.declared.revision));
  scribe.word(revisions.ofAll(world.installed.revision));
  const kept = world.generations.map(({ revision, stacks }) => ({ revision, has: Object.keys(stacks) }));
  writeGenerations(kept, world.pointer, world.installed.revision, scribe, revisions, rollbacks);
  scribe.number(world.generations.some(({ revision }) => revision === world.declared.revision));
  scribe.number(world.generations.at(-1)?.revision === world.declared.revision);
  scribe.each(Object.entries(world.stacks), (at, stack) => {
    scribe.once(revisions.arePlain ? at : null, () => writeStack(at, stack, scribe, revisions));
    names(requirements(world.revisions[stack] ?? none), scribe);
  });
  scribe.each(Object.entries(world.strangers), container => writeContainer(container, scribe));
  scribe.once(world.registry, () => scribe.each(Object.entries(world.registry), scribe.word));
  scribe.once(world.images, () => scribe.each(Object.entries(world.images), scribe.word));
  scribe.once(world.perhapsPulled, () => scribe.each(Object.entries(world.perhapsPulled), scribe.word));
  scribe.number(world.lookup.isDue);
  names(world.lookup.unnoticed, scribe);
  names(world.lookup.empty, scribe);
  scribe.once(world.missingSecrets, () => names(world.missingSecrets, scribe));
  scribe.once(world.malformedSecrets, () => names(world.malformedSecrets, scribe));
  scribe.number(world.strayTimers.length);
}

const names = (all: readonly string[], scribe: Scribe): void =>
  scribe.each(
    all.map(name => [name, null] as const),
    nothing,
  );
const nothing = (): void => {};

/**
 * The generations that so many rollbacks can still reach: back from the one that the profile points at, and back from the
 * newest, where a rebuild goes, which counts as one of them. Of each also those whose links could be put in place of its
 * own, for which one more step is needed.
 */
export function writeGenerations(
  generations: readonly Kept[],
  pointer: number,
  installed: number | undefined,
  scribe: Scribe,
  revisions: Revisions,
  rollbacks: number,
): void {
  const { length } = generations;
  const write = (index: number): void => {
    const generation = generations[index];
    scribe.word(generation === undefined ? '' : revisions.ofAll(generation.revision));
  };
  const writeOlder = (index: number): void => {
    const older = new Set<number>();
    for (const { has } of generations.slice(0, index)) for (const stack of has) older.add(lastWith(stack, index));
    for (const each of [...older].sort()) write(each);
  };
  const lastWith = (stack: string, before: number): number =>
    generations.findLastIndex(({ has }, index) => index < before && has.includes(stack));
  const isCut = rollbacks < length;
  const from = (start: number, cost: number): void => {
    for (let index = start; index >= 0 && start - index + cost <= rollbacks; index--) {
      write(index);
      if (isCut && start - index + cost < rollbacks) writeOlder(index);
    }
    scribe.word('.');
  };
  from(pointer, 0);
  from(length - 1, 1);
  const at = generations.findIndex(({ revision }) => revision === installed);
  if (rollbacks < 1) return;
  if (isCut) writeOlder(at < 0 ? length : at);
  else scribe.number(at);
}

/** A generation, and the stacks that it has. */
export interface Kept {
  readonly revision: number;
  readonly has: readonly string[];
}

function writeStack(at: StackWorld, stack: string, scribe: Scribe, revisions: Revisions): void {
  scribe.word(at.active);
  scribe.number(at.wanted);
  scribe.number(at.vague);
  writeRevision(at.made, stack, scribe, revisions);
  writeLoaded(at.loaded, stack, scribe, revisions);
  scribe.each(Object.entries(at.files), file => writeOnDisk(file, stack, scribe, revisions));
  scribe.each(Object.entries(at.containers), container => writeContainer(container, scribe));
}

const none: World['revisions'][string] = {};

/** Which services were ever declared to need which: containers may still be held by one of them (containers.ts, requiredBy). */
function requirements(revisions: World['revisions'][string]): readonly string[] {
  let all = required.get(revisions);
  if (all === undefined) {
    const pairs = Object.values(revisions).flatMap(({ services }) =>
      Object.entries(services).flatMap(([service, { dependsOn }]) => dependsOn.map(other => `${service} ${other}`)),
    );
    all = [...new Set(pairs)];
    required.set(revisions, all);
  }
  return all;
}

const required = new WeakMap<World['revisions'][string], readonly string[]>();

function writeLoaded(loaded: Loaded, stack: string, scribe: Scribe, revisions: Revisions): void {
  scribe.word(loaded.loadState);
  scribe.word(loaded.fragmentPath);
  scribe.number(loaded.dropInPaths.length);
  for (const path of loaded.dropInPaths) scribe.word(path);
  writeRevision(loaded.revision, stack, scribe, revisions);
  scribe.word(loaded.marker ?? '');
}

function writeRevision(revision: number | null, stack: string, scribe: Scribe, revisions: Revisions): void {
  scribe.word(revision === null ? '' : revisions.ofStack(stack, revision));
}

function writeOnDisk(file: OnDisk, stack: string, scribe: Scribe, revisions: Revisions): void {
  scribe.word(file.kind);
  if (file.kind === 'directory') return;
  if (file.kind === 'generation') scribe.word(revisions.ofAll(file.revision));
  if (file.kind === 'link') scribe.word(file.target);
  scribe.number(file.definition !== null);
  if (file.definition === null) return;
  writeRevision(file.definition.revision, stack, scribe, revisions);
  scribe.word(file.definition.marker);
}

function writeContainer(container: ContainerWorld, scribe: Scribe): void {
  scribe.word(container.state);
  scribe.word(container.name);
  scribe.word(container.unit);
  scribe.word(container.image);
  scribe.word(container.tag);
  scribe.word(container.greeting);
  scribe.word(container.marker);
  scribe.number(container.autoUpdate);
  scribe.word(container.restart);
  scribe.word(container.health);
}
