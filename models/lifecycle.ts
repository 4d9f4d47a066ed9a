import type { ServiceDeclaration, StackDeclaration } from './declaration.ts';
import { stackIn, withStack } from './systemd.ts';
import type { ContainerWorld, World } from './world.ts';

/** The compose project that a unit definition of this revision stands for. */
export function projectOf(world: World, stack: string, revision: number): StackDeclaration {
  const project = world.revisions[stack]?.[revision];
  if (project === undefined) throw new Error(`stack ${stack} has no revision ${revision}`);
  return project;
}

/** Secrets that keep the stack's loaded definition from starting. */
export function secretsMissing(world: World, stack: string): readonly string[] {
  const needed = projectOf(world, stack, stackIn(world, stack).loaded.revision).secrets;
  return needed.filter(secret => world.missingSecrets.includes(secret));
}

/**
 * The stack after a start or restart of its loaded definition: every container of it runs, those of other services are
 * gone. An image is pulled only where its tag is not there yet.
 */
export function started(world: World, stack: string): World {
  const { loaded } = stackIn(world, stack);
  const { services } = projectOf(world, stack, loaded.revision);
  const images: Record<string, string> = { ...world.images };
  const containers: Record<string, ContainerWorld> = {};
  for (const [name, service] of Object.entries(services)) {
    const image = images[service.tag] ?? world.registry[service.tag];
    if (image === undefined) throw new Error(`no image for tag ${service.tag}`);
    images[service.tag] = image;
    containers[name] = containerOf(service, image, loaded.marker);
  }
  return withStack({ ...world, images }, stack, { active: 'active', containers });
}

/** The stack after a start that could not be: the unit says so. If it ran, it was stopped first. */
export function failedToStart(world: World, stack: string): World {
  const at = stackIn(world, stack);
  return withStack(world, stack, {
    active: 'failed',
    containers: at.active === 'active' ? stopped(at.containers) : at.containers,
  });
}

/** The same containers, none of them running. */
export function stopped(containers: Readonly<Record<string, ContainerWorld>>): Record<string, ContainerWorld> {
  return Object.fromEntries(Object.entries(containers).map(([name, c]) => [name, { ...c, state: 'exited' as const }]));
}

/** A container that runs as a service is declared. */
export const containerOf = (service: ServiceDeclaration, image: string, marker: string): ContainerWorld => ({
  state: 'running',
  image,
  tag: service.tag,
  greeting: service.greeting,
  marker,
  autoUpdate: service.autoUpdate,
});

/** Start the stack if its secrets are there, fail if not. */
export const startedOrFailed = (world: World, stack: string): World =>
  secretsMissing(world, stack).length === 0 ? started(world, stack) : failedToStart(world, stack);
