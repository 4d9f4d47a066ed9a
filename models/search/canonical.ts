import { type ContainerFields, fieldNames } from '../machine/container-fields.ts';
import type { StackDeclaration } from '../machine/declaration.ts';
import type { OnDisk } from '../observation.ts';
import type { ContainerWorld, Loaded, StackWorld, World } from '../world.ts';
import { type Revisions, withRevisions } from './revisions.ts';
import { noScribe, type Scribe, textScribe } from './state-writer.ts';

/**
 * A world as text: equal for two worlds that no sequence of operations with at most so many rollbacks can tell apart. The order
 * of keys, the numbers of revisions and what no rollback can reach any more are left out. The names of stacks and services are
 * kept: programs handle them in the order of their names, so that no two can be exchanged.
 */
export function canonical(world: World, rollbacks = Number.POSITIVE_INFINITY): string {
  const scribe = textScribe();
  const writing = (into: Scribe) => (revisions: Revisions) => writeWorld(world, into, revisions, rollbacks);
  withRevisions(world, writing(scribe), writing(noScribe));
  return scribe.text();
}

/** Writes a world. */
export function writeWorld(world: World, scribe: Scribe, revisions: Revisions, rollbacks: number): void {
  const { generations, declared, installed, lookup } = world;
  const { arePlain } = revisions;
  // Where nothing is known, the reason does not matter.
  const flags = [world.manager === 'running', world.linger, world.forgotten, world.store === 'full'];
  scribe.number(bits(flags));
  scribe.number(bits([world.etc === 'read-only', world.uncertain !== null, world.registryUp, lookup.isDue]));
  scribe.word(revisions.ofAll(declared.revision));
  scribe.word(revisions.ofAll(installed.revision));
  const at = indexOf(generations, installed.revision);
  const reach = Math.min(rollbacks, generations.length + 1);
  if (scribe.isToWrite(arePlain ? generations : null, variantOf(world.pointer, at, reach))) {
    const kept = generations.map(({ revision, stacks }) => ({ revision, has: Object.keys(stacks) }));
    writeGenerations(kept, world.pointer, at, scribe, revisions, reach);
    scribe.written();
  }
  scribe.number(indexOf(generations, declared.revision) >= 0);
  scribe.number(generations.at(-1)?.revision === declared.revision);
  scribe.fields(world.stacks, (stack, name) => {
    if (scribe.isToWrite(arePlain ? stack : null)) {
      writeStack(stack, name, scribe, revisions);
      scribe.written();
    }
    const all = requirements(world.revisions[name] ?? none);
    namesOnce(all, scribe);
  });
  scribe.fields(world.strangers, container => writeContainer(container, scribe));
  for (const tags of [world.registry, world.images, world.perhapsPulled, world.volumes]) {
    if (!scribe.isToWrite(tags)) continue;
    scribe.fields(tags, scribe.word);
    scribe.written();
  }
  const { missingSecrets, malformedSecrets, rotatedSecrets } = world;
  for (const all of [lookup.unnoticed, lookup.empty, missingSecrets, malformedSecrets, rotatedSecrets]) {
    namesOnce(all, scribe);
  }
  scribe.number(world.strayTimers.length);
}

/** Several answers as one number. */
export function bits(answers: readonly boolean[]): number {
  let number = 1;
  for (const answer of answers) number = 2 * number + (answer ? 1 : 0);
  return number;
}

/** A separate number for each way to write the same generations, of which there are fewer than a hundred. */
export const variantOf = (pointer: number, at: number, reach: number): number =>
  ((pointer + 1) * 128 + at + 1) * 128 + reach;

/** First place of a revision in a list of generations; -1 where it is not in it. */
export function indexOf(generations: readonly { readonly revision: number }[], revision: number | undefined): number {
  for (let at = 0; at < generations.length; at++) if (generations[at]?.revision === revision) return at;
  return -1;
}

function namesOnce(all: readonly string[], scribe: Scribe): void {
  if (!scribe.isToWrite(all)) return;
  scribe.names(all);
  scribe.written();
}

/**
 * The generations that so many rollbacks can still reach: back from the one that the profile points at, and back from the
 * newest, where a rebuild goes and which counts as one of them. Also those whose links could be put in place of their own,
 * which needs one more step. `at` is the place of the installed one, -1 where it is gone.
 */
export function writeGenerations(
  generations: readonly KeptGeneration[],
  pointer: number,
  at: number,
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
  if (rollbacks < 1) return;
  if (isCut) writeOlder(at < 0 ? length : at);
  else scribe.number(at);
}

/** A generation, and the stacks that it has. */
export interface KeptGeneration {
  readonly revision: number;
  readonly has: readonly string[];
}

function writeStack(at: StackWorld, stack: string, scribe: Scribe, revisions: Revisions): void {
  const { loaded, containers } = at;
  scribe.word(at.active);
  scribe.number(bits([at.wanted, at.vague]));
  scribe.number(at.begun);
  writeRevision(at.made, stack, scribe, revisions);
  const { arePlain } = revisions;
  if (scribe.isToWrite(arePlain ? loaded : null)) {
    writeLoaded(loaded, stack, scribe, revisions);
    scribe.written();
  }
  if (scribe.isToWrite(arePlain ? at.files : null)) {
    scribe.fields(at.files, file => {
      if (!scribe.isToWrite(arePlain ? file : null)) return;
      writeOnDisk(file, stack, scribe, revisions);
      scribe.written();
    });
    scribe.written();
  }
  if (scribe.isToWrite(containers)) {
    scribe.fields(containers, container => {
      if (!scribe.isToWrite(container)) return;
      writeContainer(container, scribe);
      scribe.written();
    });
    scribe.written();
  }
}

const none: World['revisions'][string] = {};
const nobody: readonly string[] = [];

/** Which services were ever declared to require which: containers may still require another (containers.ts, requiredBy). */
function requirements(revisions: World['revisions'][string]): readonly string[] {
  let all = required.get(revisions);
  if (all === undefined) {
    const pairs = new Set<string>();
    for (const revision in revisions) {
      const { services } = revisions[revision] as StackDeclaration;
      for (const service in services) {
        for (const other of services[service]?.dependsOn ?? []) pairs.add(`${service} ${other}`);
      }
    }
    all = pairs.size === 0 ? nobody : [...pairs];
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
  if (loaded.parts !== undefined) scribe.fields(loaded.parts, scribe.word);
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
  scribe.word(container.health);
  writeFields(container, scribe);
}

/** What a container is made of, in the model or in the simulator. */
export function writeFields(container: ContainerFields, scribe: Scribe): void {
  for (const name of fieldNames) {
    const value = container[name];
    if (typeof value === 'string') scribe.word(value);
    else scribe.number(value);
  }
}
