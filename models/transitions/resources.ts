import { resourceName, volumeOptions } from '../machine/compose-project.ts';
import type { StackDeclaration } from '../machine/declaration.ts';
import type { World } from '../world.ts';

/** The named volumes that a start makes of a stack where they are not there, by podman's names for them. */
export const volumesOf = (stack: string, declared: StackDeclaration): readonly string[] =>
  Object.keys(declaredVolumes(stack, declared));

/** The same, with the options that each is declared with. */
export function declaredVolumes(stack: string, { project, services }: StackDeclaration): World['volumes'] {
  if (project === undefined) return {};
  const used = new Set(
    Object.keys(services).flatMap(name => project.services[name]?.mounts.map(({ source }) => source) ?? []),
  );
  return Object.fromEntries(
    Object.entries(project.volumes)
      .filter(([name, { external }]) => used.has(name) && !external)
      .map(([name, volume]) => [resourceName(stack, name, volume), volumeOptions(volume)]),
  );
}

/**
 * Volumes that are there, and were made with other options than are declared now: nobody changes those of a volume and keeps what
 * is in it. Where a start failed, it may have made any that another revision declares.
 */
export function volumesMadeOtherwise(world: World, stack: string, declared: StackDeclaration): readonly string[] {
  if (declared.project === undefined) return none;
  const isVague = world.uncertain !== null || world.stacks[stack]?.vague !== false;
  const others = isVague ? Object.values(world.revisions[stack] ?? {}).map(one => declaredVolumes(stack, one)) : [];
  return Object.entries(declaredVolumes(stack, declared)).flatMap(([name, options]) => {
    const is = world.volumes[name];
    const mayBeOther = is === undefined ? others.some(one => (one[name] ?? options) !== options) : is !== options;
    return mayBeOther ? [`the volume ${name} has other options than ${options || 'none'}`] : [];
  });
}

/** The networks that a start makes of a stack, by podman's names for them. */
export function networksOf(stack: string, { project }: StackDeclaration): readonly string[] {
  if (project === undefined) return none;
  return Object.entries(project.networks)
    .filter(([, { external }]) => !external)
    .map(([name, network]) => resourceName(stack, name, network));
}

/** The volumes with these among them, as declared; the same object where they are. */
export function withVolumes(all: World['volumes'], more: World['volumes']): World['volumes'] {
  if (Object.entries(more).every(([name, options]) => all[name] === options)) return all;
  return Object.fromEntries(Object.entries({ ...all, ...more }).sort(([one], [other]) => (one < other ? -1 : 1)));
}

const none: readonly string[] = [];
