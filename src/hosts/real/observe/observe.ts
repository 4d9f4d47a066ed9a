import { createHash } from 'node:crypto';
import { withFields } from '../../../../models/machine/container-fields.ts';
import { stackOf } from '../../../../models/machine/search-path.ts';
import type { ContainerSeen, Observation, UnitSeen } from '../../../../models/observation.ts';
import type { ContainerLook } from './containers.ts';
import { sorted } from './files.ts';
import type { Look } from './look.ts';
import { strayTimers } from './manager.ts';
import { leftoversIn, temporaryName } from './resources.ts';
import { type KnownStarts, startsSince } from './starts.ts';
import { type AroundMemory, aroundOf, aroundRemembered } from './surroundings.ts';

/** What is remembered between two looks, to say what changed: only here do times and ids count. */
export interface LookMemory {
  /** When each unit last became active. */
  readonly activeSince: ReadonlyMap<string, number>;
  /** What is known of the starts of each unit. */
  readonly starts: ReadonlyMap<string, KnownStarts>;
  /** The machine's clock at the first look, in seconds. */
  readonly firstLook: number;
  /** When each container was last started, by id. */
  readonly startedAt: ReadonlyMap<string, string>;
  /** Ids of the containers seen so far for each service, oldest first. */
  readonly instances: ReadonlyMap<string, readonly string[]>;
  /** The settings of each container, by id, when podman was last asked for its networks and volumes. */
  readonly settings: ReadonlyMap<string, string>;
  /** Digests of the texts that each unit was loaded with so far, and of the variables of each service's containers, oldest first. */
  readonly texts: ReadonlyMap<string, readonly string[]>;
  /** When each volume of a name that was seen so far was made, oldest first. */
  readonly volumes: ReadonlyMap<string, readonly string[]>;
  /** Temporary files of the first look: what was there at the start is no leak. */
  readonly temporary: ReadonlySet<string>;
  /** The machine's clock at the first and at the last look, in seconds. */
  readonly clocks: { readonly first: number; readonly last: number };
  /** What was around the stacks at the first look. */
  readonly around: AroundMemory | null;
}

/**
 * Compares a look with what is remembered. At the first look nothing counts as restarted.
 * @param link which targets of links are the owner's own
 */
export function observed(
  look: Look,
  before: LookMemory | null,
  link = /^$/,
): { seen: Observation; memory: LookMemory } {
  const memory = remembered(look, before);
  const running = new Set(
    look.containers.filter(one => ['running', 'unwatched', 'dead'].includes(one.container.state)).map(one => one.id),
  );
  const seen: Observation = {
    manager: look.manager === 'running' ? 'running' : 'down',
    generation: look.generation,
    units: unitsOf(look, before, memory),
    files: look.files,
    containers: containersOf(look, before, memory),
    strayTimers: strayTimers(look.listed, running),
    leftovers: leftoversOf(look, memory),
    ...volumesOf(look, memory),
    ...aroundOf(look, before?.around ?? null, link),
  };
  return { seen, memory };
}

/** What belongs to nothing that exists: resources of stacks that are gone, mounts, and temporary files that were left since. */
const leftoversOf = (look: Look, { temporary }: LookMemory): readonly string[] =>
  [
    ...leftoversIn(look.resources, stacksIn(look)),
    ...look.mounts,
    ...look.temporary.filter(path => !temporary.has(path)).map(temporaryName),
  ].sort();

/** The stacks that have a unit, a file or a container. */
const stacksIn = ({ units, files, containers }: Look): ReadonlySet<string> =>
  new Set([
    ...[...units.keys(), ...Object.keys(files).map(path => path.slice(path.lastIndexOf('/') + 1))].map(
      name => stackOf(name) ?? '',
    ),
    ...containers.map(({ service }) => service.split('/')[0] ?? ''),
  ]);

/** How many volumes there were so far of each name that exists; nothing if there never were any, or podman was not asked. */
const volumesOf = ({ volumes }: Look, memory: LookMemory): Pick<Observation, 'volumes'> =>
  volumes === null || memory.volumes.size === 0
    ? {}
    : {
        volumes: Object.fromEntries(
          [...volumes.keys()].sort().map(name => [name, memory.volumes.get(name)?.length ?? 1]),
        ),
      };

function remembered(
  { units, starts: asked, clock, containers, volumes, temporary, around, listed }: Look,
  before: LookMemory | null,
): LookMemory {
  const activeSince = new Map(before?.activeSince);
  const starts = new Map(before?.starts);
  for (const [name, unit] of units) {
    activeSince.set(name, unit.activeSince);
    starts.set(name, startsSince(name, unit.invocation, asked, before?.starts.get(name), before === null).known);
  }
  const startedAt = new Map(containers.map(one => [one.id, one.startedAt]));
  const instances = new Map(before?.instances);
  for (const { service, id } of containers) {
    const known = instances.get(service) ?? [];
    if (!known.includes(id)) instances.set(service, [...known, id]);
  }
  const texts = new Map(before?.texts);
  for (const [name, text] of [
    ...[...units].map(([name, unit]) => [name, unit.text] as const),
    ...containers.map(({ service, variables }) => [service, variables] as const),
  ]) {
    const [known, digest] = [texts.get(name) ?? [], digestOf(text)];
    if (!known.includes(digest)) texts.set(name, [...known, digest]);
  }
  const settings = new Map(
    volumes === null ? before?.settings : containers.map(one => [one.id, one.container.settings]),
  );
  const made = new Map(before?.volumes);
  for (const [name, at] of volumes ?? []) {
    const known = made.get(name) ?? [];
    if (!known.includes(at)) made.set(name, [...known, at]);
  }
  return {
    activeSince,
    starts,
    firstLook: before?.firstLook ?? clock,
    startedAt,
    instances,
    settings,
    texts,
    volumes: made,
    temporary: before?.temporary ?? new Set(temporary),
    clocks: { first: before?.clocks.first ?? clock, last: clock },
    around: aroundRemembered({ around, listed }, instances, before?.around ?? null),
  };
}

/** Only compared within one run: what stands in the text is nobody's to read. */
const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const numberOf = ({ texts }: LookMemory, name: string, text: string): number =>
  (texts.get(name)?.indexOf(digestOf(text)) ?? 0) + 1;

function unitsOf({ units, starts }: Look, before: LookMemory | null, memory: LookMemory): Observation['units'] {
  const seen: Record<string, UnitSeen> = {};
  for (const [name, { unit, activeSince, invocation, text }] of units) {
    const restarted = before !== null && activeSince !== 0 && activeSince !== before.activeSince.get(name);
    const since = startsSince(name, invocation, starts, before?.starts.get(name), before === null);
    seen[name] = { ...unit, restarted, starts: since.starts, text: numberOf(memory, name, text) };
  }
  return seen;
}

function containersOf(look: Look, before: LookMemory | null, memory: LookMemory): Observation['containers'] {
  const seen: Record<string, ContainerSeen> = {};
  const count = new Map<string, number>();
  for (const { service, id, startedAt, variables, container } of look.containers) {
    const nth = (count.get(service) ?? 0) + 1;
    count.set(service, nth);
    const last = before?.startedAt.get(id);
    const instance = (memory.instances.get(service)?.indexOf(id) ?? 0) + 1;
    const restarted = last !== undefined && last !== startedAt;
    // In the order of the simulator and the model: equal machines give equal JSON.
    const own = {
      state: container.state,
      health: container.health,
      instance,
      restarted,
      variables: numberOf(memory, service, variables),
    };
    const now = withFields(own, container);
    // Options of networks and volumes are only in podman's lists.
    if (look.volumes === null) now.settings = before?.settings.get(id) ?? container.settings;
    seen[keyOf(service, nth)] = now;
  }
  return sorted(seen);
}

const keyOf = (service: ContainerLook['service'], nth: number): string => (nth === 1 ? service : `${service}#${nth}`);
