import { type ContainerWorld, laidOutContainer, type World } from '../world.ts';
import { imageFor } from './images.ts';
import { containerOf, doubtsAbout, isLost, markerOf, startMustFail } from './lifecycle.ts';
import { textsNow } from './secrets.ts';
import { stackIn, withStack } from './systemd.ts';

/**
 * The world after the units of these services alone were started: their containers are made anew, and of the others nothing
 * changes. Only where containers have units of their own, as everything in this file.
 */
export function remade(world: World, stack: string, services: readonly string[]): World {
  const project = world.installed.stacks[stack];
  if (project === undefined) return world;
  const { traits } = world.setup;
  const texts = textsNow(world, project);
  const at = stackIn(world, stack);
  const containers = { ...at.containers };
  for (const name of services) {
    const service = project.services[name];
    if (service === undefined) continue;
    const marker = markerOf(at.loaded, traits, name);
    containers[name] = containerOf(traits, stack, name, service, imageFor(world, service) ?? '', marker, texts);
  }
  return withStack(world, stack, { containers });
}

/**
 * A stack whose unit was active, and wants units of which some had ended: these are started too, and nobody waits for them or hears
 * whether they could be (systemd.unit(5), Wants=).
 */
export function completed(world: World, stack: string): World {
  const { containers } = stackIn(world, stack);
  const declared = world.installed.stacks[stack]?.services ?? {};
  const ended = Object.keys(declared).filter(service => containers[service]?.state !== 'running');
  if (ended.length === 0) return world;
  const after = remade(world, stack, ended);
  const isSure = startMustFail(world, stack).length + doubtsAbout(world, stack).length === 0;
  return isSure ? after : withUnknown(after, stack, ended);
}

/** The world in which it is not known what is left of the containers of these services. */
export function withUnknown(world: World, stack: string, services: readonly string[]): World {
  const containers = Object.entries(stackIn(world, stack).containers).map(
    ([name, one]) => [name, services.includes(name) ? laidOutContainer(one, 'unknown') : one] as const,
  );
  return withStack(world, stack, { containers: Object.fromEntries(containers) });
}

/**
 * What the unit of a container leaves of it: nothing once it has ended, as it removes it; where conmon died, podman may refuse to
 * (facts.md F140, F142).
 */
export const leftByOwnUnit = (container: ContainerWorld): ContainerWorld | null =>
  container.state === 'exited' ? null : isLost(container) ? { ...container, state: 'unknown' } : container;
