import type { ContainerSeen, Observation, OnDisk } from '../models/observation.ts';
import type { Happening } from '../models/operation.ts';
import { picture } from '../models/picture.ts';
import type { World } from '../models/world.ts';

/** What happened last, if it claimed success; undefined after a failure or right after a reset. */
export const lastSuccess = (history: readonly Happening[]): Happening | undefined => {
  const last = history.at(-1);
  return last?.claim.ok ? last : undefined;
};

/** Whether what happened last was a failure: then only the promises about failures are asked. */
export const failedLast = (history: readonly Happening[]): boolean => history.at(-1)?.claim.ok === false;

/** What stands at a path, in words. */
export function inWords(file: OnDisk | undefined): string {
  if (file === undefined) return 'nothing';
  if (file.kind === 'generation') return `the link of generation ${file.revision}`;
  if (file.kind === 'link') return `a link to ${file.target}`;
  return file.kind === 'file' ? 'a regular file' : 'a directory';
}

/** Whether two paths hold the same: same kind, same place it leads to, same definition. */
export const sameFile = (one: OnDisk | undefined, other: OnDisk | undefined): boolean =>
  one === other || (one !== undefined && other !== undefined && inWords(one) === inWords(other));

/** Every path where what is seen is not what we believe, with both in words. */
export function strangeFiles(seen: Observation, world: World): readonly { path: string; says: string }[] {
  const believed = picture(world).files;
  return union(seen.files, believed)
    .filter(path => !sameFile(seen.files[path], believed[path]))
    .map(path => ({ path, says: `${path} is ${inWords(seen.files[path])}, not ${inWords(believed[path])}` }));
}

const telling = ['image', 'tag', 'greeting', 'marker'] as const satisfies readonly (keyof ContainerSeen)[];

/** What a running container is, where that is not what we believe: one sentence for each difference. */
export function strangeContainers(seen: Observation, world: World): readonly string[] {
  const believed = picture(world).containers;
  const sentences: string[] = [];
  for (const name in believed) {
    const [is, should] = [seen.containers[name], believed[name]];
    if (is === undefined || should === undefined || is.state !== should.state) continue;
    for (const field of telling) {
      if (is[field] !== should[field]) {
        sentences.push(`container ${name} has ${field} ${is[field]}, not ${should[field]}`);
      }
    }
  }
  return sentences;
}

/** Containers whose state is not what we believe: one sentence each. */
export function strangeStates(seen: Observation, world: World): readonly string[] {
  const believed = picture(world).containers;
  return union(seen.containers, believed)
    .map(name => [name, seen.containers[name]?.state ?? 'absent', believed[name]?.state ?? 'absent'] as const)
    .filter(([, is, should]) => is !== should)
    .map(([name, is, should]) => `container ${name} is ${is}, not ${should}`);
}

/** Units whose state is not what we believe: one sentence each. */
export function strangeUnits(seen: Observation, world: World): readonly string[] {
  const believed = picture(world).units;
  return union(seen.units, believed)
    .map(name => [name, seen.units[name]?.activeState ?? 'unknown', believed[name]?.activeState ?? 'unknown'] as const)
    .filter(([, is, should]) => is !== should)
    .map(([name, is, should]) => `${name} is ${is}, not ${should}`);
}

/** Where the generations are not what we believe. */
export function strangeGenerations(seen: Observation, world: World): readonly string[] {
  const believed = picture(world).generation;
  const say = (what: string, is: number | null, should: number | null) =>
    is === should ? [] : [`${what} is generation ${is ?? 'none'}, not ${should ?? 'none'}`];
  return [
    ...say('what was asked for last', seen.generation.profile, believed.profile),
    ...say('what is activated', seen.generation.home, believed.home),
  ];
}

const union = (one: object, other: object): readonly string[] =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
