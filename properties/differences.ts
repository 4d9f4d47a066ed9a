import { expectedObservation, shows } from '../models/expected-observation.ts';
import { mayBeSame } from '../models/machine/builds.ts';
import { type ContainerField, fieldNames, sameTexts } from '../models/machine/container-fields.ts';
import { lineDifferences } from '../models/machine/setting-lines.ts';
import {
  alike,
  type ContainerSeen,
  type Observation,
  type OnDisk,
  sameName,
  type Vague,
} from '../models/observation.ts';
import type { StepRecord } from '../models/operation.ts';
import type { World } from '../models/world.ts';

/** The last step, if it claimed success; undefined after a failure or right after a reset. */
export const lastSuccess = (history: readonly StepRecord[]): StepRecord | undefined => {
  const last = history.at(-1);
  return last?.claim.ok ? last : undefined;
};

/** Whether the last step failed: then only the promises about failures are asked. */
export const failedLast = (history: readonly StepRecord[]): boolean => history.at(-1)?.claim.ok === false;

/** The containers that were started anew since the look before, or made anew. */
export function startedAnew(seen: Observation, before: Observation): readonly string[] {
  let names = none;
  for (const name in seen.containers) {
    const [is, was] = [seen.containers[name] as ContainerSeen, before.containers[name]];
    if (is.restarted || (was !== undefined && is.instance !== was.instance)) names = [...names, name];
  }
  return names;
}

/** The differences between the observation and the model, one plain sentence each, by subject. */
export interface Differences {
  readonly generations: readonly string[];
  readonly files: readonly { readonly path: string; readonly says: string }[];
  readonly units: readonly string[];
  readonly states: readonly string[];
  readonly containers: readonly string[];
  /** What an operator's own compose file declares of a container, and podman shows otherwise. */
  readonly settings: readonly string[];
  /** Containers that were not given the text that a secret has now. */
  readonly secrets: readonly string[];
}

/** Every difference between the observation and the expected one. */
export function differencesIn(seen: Observation, world: World): Differences {
  if (look?.seen !== seen || look.world !== world) {
    look = { seen, world, strange: shows(world, seen) ? nothing : compare(seen, expectedObservation(world)) };
  }
  return look.strange;
}

/** Compared once, because every invariant looks at the same observation. */
let look: { readonly seen: Observation; readonly world: World; readonly strange: Differences } | undefined;

/** Whether the observation is as expected, without the volatile fields: most promises then need no closer look. */
export const asBelieved = (seen: Observation, world: World): boolean => differencesIn(seen, world) === nothing;

/** All of them as sentences. */
export const everyDifferenceIn = (seen: Observation, world: World): readonly string[] => {
  const { generations, files, units, states, containers, settings, secrets } = differencesIn(seen, world);
  return [
    ...generations,
    ...files.map(({ says }) => says),
    ...units,
    ...states,
    ...containers,
    ...settings,
    ...secrets,
  ];
};

const nothing: Differences = {
  generations: [],
  files: [],
  units: [],
  states: [],
  containers: [],
  settings: [],
  secrets: [],
};

const compare = (seen: Observation, believed: Observation): Differences => {
  const { vague } = believed;
  if (vague?.everything || alike(seen, believed)) return nothing;
  if (vague === undefined) return everyDifference(seen, believed);
  return everyDifference(comparable(seen, believed, vague), comparable(believed, seen, vague));
};

/**
 * An observation without the containers that the expected one does not state: of a vague stack, those that run on neither side.
 */
function comparable(one: Observation, other: Observation, { stacks, containers }: Vague): Observation {
  const runs = (name: string) => [one, other].some(side => side.containers[name]?.state === 'running');
  const kept = Object.entries(one.containers).filter(
    ([name]) => !containers.includes(name) && (!stacks.includes(name.split('/')[0] ?? '') || runs(name)),
  );
  return { ...one, containers: Object.fromEntries(kept) };
}

const everyDifference = (seen: Observation, believed: Observation): Differences => ({
  generations: [
    ...strangeGeneration('what was asked for last', seen.generation.profile, believed.generation.profile),
    ...strangeGeneration('what is activated', seen.generation.home, believed.generation.home),
  ],
  files: strangeFiles(seen, believed),
  units: differing(seen.units, believed.units, unit => unit?.activeState ?? 'unknown'),
  states: differing(seen.containers, believed.containers, container => container?.state ?? 'absent').map(
    says => `container ${says}`,
  ),
  containers: strangeContainers(seen, believed),
  settings: strangeSettings(seen, believed),
  secrets: strangeSecrets(seen, believed),
});

const strangeGeneration = (what: string, is: number | null, should: number | null): readonly string[] =>
  is === should ? [] : [`${what} is generation ${is ?? 'none'}, not ${should ?? 'none'}`];

function strangeFiles(seen: Observation, believed: Observation): Differences['files'] {
  return union(seen.files, believed.files)
    .filter(path => !sameFile(seen.files[path], believed.files[path]))
    .map(path => ({ path, says: `${path} is ${inWords(seen.files[path])}, not ${inWords(believed.files[path])}` }));
}

/** Entries that differ between the two sides. */
function differing<T>(seen: Record<string, T>, believed: Record<string, T>, word: (entry?: T) => string): string[] {
  return union(seen, believed)
    .filter(name => word(seen[name]) !== word(believed[name]))
    .map(name => `${name} is ${word(seen[name])}, not ${word(believed[name])}`);
}

/** The fields that are reported here, without those in lines; the label of the unit has its own promise, and so have secrets. */
const telling = fieldNames.filter(field => !['unit', 'settings', 'effect', 'secretTexts'].includes(field));

/** Whether the requested generation was activated: if not, only that is reported, and not its consequences. */
export const wasActivated = (seen: Observation, world: World): boolean =>
  seen.generation.home === world.installed.revision;

/** Whether a file is the link of the generation that the machine reports as activated, although another should be. */
export const isOfTheActivated = (file: OnDisk | undefined, seen: Observation, world: World): boolean =>
  file?.kind === 'generation' && file.revision === seen.generation.home && !wasActivated(seen, world);

/** Differences in what a container is made of, where its state is as expected. */
function strangeContainers(seen: Observation, believed: Observation): string[] {
  const sentences: string[] = [];
  for (const name in believed.containers) {
    const [is, should] = [seen.containers[name], believed.containers[name]];
    if (is === undefined || should === undefined || is.state !== should.state) continue;
    for (const field of telling) {
      if (!sameFor(field, is, should)) {
        sentences.push(`container ${name} has ${field} ${is[field]}, not ${should[field]}`);
      }
    }
  }
  return sentences;
}

function sameFor(field: ContainerField, is: ContainerSeen, should: ContainerSeen): boolean {
  if (field === 'tag') return sameName(is, should);
  return field === 'image' ? mayBeSame(is.image, should.image) : is[field] === should[field];
}

/** What is declared of a container in lines, where its state is what we believe; what shows only in one that runs, of those. */
function strangeSettings(seen: Observation, believed: Observation): string[] {
  const sentences: string[] = [];
  for (const name in believed.containers) {
    const [is, should] = [seen.containers[name], believed.containers[name]];
    if (is === undefined || should === undefined || is.state !== should.state) continue;
    const lines = is.settings === should.settings ? none : lineDifferences(is.settings, should.settings);
    const effect =
      is.effect === should.effect || is.state !== 'running' ? none : lineDifferences(is.effect, should.effect);
    for (const says of [...lines, ...effect]) sentences.push(`container ${name} ${says}`);
  }
  return sentences;
}

/** Containers that were given other texts of secrets than we believe; which texts those are is nobody's concern. */
const strangeSecrets = (seen: Observation, believed: Observation): readonly string[] =>
  Object.keys(believed.containers)
    .filter(name => {
      const [is, should] = [seen.containers[name], believed.containers[name]];
      if (is === undefined || is.state !== should?.state || sameTexts(is.secretTexts, should.secretTexts)) return false;
      // One that names another unit was made by hand, and has its own promise.
      return is.unit === should.unit;
    })
    .map(name => `container ${name} has not the secrets of its stack as they are now`);

const none: readonly string[] = [];

/** The tag or digest that a container was made of: the expected one, if it runs that build, whatever name podman gives. */
export function tagOf(name: string, seen: ContainerSeen, world: World): string {
  const [stack = '', service = ''] = name.split('/');
  const believed = world.stacks[stack]?.containers[service];
  return believed !== undefined && sameName(believed, seen) ? believed.tag : seen.tag;
}

/** What is at a path, in words. */
export function inWords(file: OnDisk | undefined): string {
  if (file === undefined) return 'nothing';
  if (file.kind === 'generation') return `the link of generation ${file.revision}`;
  if (file.kind === 'link') return `a link to ${file.target}`;
  return file.kind === 'file' ? 'a regular file' : 'a directory';
}

/** Whether two paths have the same: the same kind, and the same target. */
export const sameFile = (one: OnDisk | undefined, other: OnDisk | undefined): boolean =>
  one === other ||
  (one !== undefined &&
    other !== undefined &&
    one.kind === other.kind &&
    (one.kind !== 'generation' || one.revision === (other as typeof one).revision) &&
    (one.kind !== 'link' || one.target === (other as typeof one).target));

/** Names on either side, those of the first in its order. */
function union(one: object, other: object): string[] {
  const names = Object.keys(one);
  for (const name in other) if (!(name in one)) names.push(name);
  return names.sort();
}
