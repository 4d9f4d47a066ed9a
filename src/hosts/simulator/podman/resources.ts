import {
  type ComposeProject,
  type ProjectService,
  projectEffect,
  projectSettings,
  resourceName,
} from '../../../../models/machine/compose-project.ts';
import type { DeclaredFields } from '../../../../models/machine/container-fields.ts';
import type { Resource, SimulatedMachine } from '../machine.ts';

type Lines = Pick<DeclaredFields, 'settings' | 'effect'>;

/**
 * Creates the networks and volumes that a service of an own compose file needs and that do not exist yet, and returns what its
 * new container then shows. What exists stays as it was created, whatever the file says now (seen on docker compose 2.26.1).
 */
export function linesOfNew(machine: SimulatedMachine, stack: string, file: ComposeProject, own: ProjectService): Lines {
  const networks = { ...file.networks };
  const volumes = { ...file.volumes };
  for (const name of own.networks) {
    const declared = networks[name] ?? { internal: false, subnet: null, external: false, name: null };
    networks[name] = made(machine, 'network', stack, name, declared) as typeof declared;
  }
  for (const { type, source } of own.mounts) {
    const declared = volumes[source];
    if (type !== 'volume' || declared === undefined) continue;
    volumes[source] = made(machine, 'volume', stack, source, declared) as typeof declared;
  }
  const project = { ...file, networks, volumes };
  // podman-compose ignores configs (facts.md F170).
  const given = machine.provider === 'docker-compose' || file.mountsConfigs ? own : { ...own, configs: {} };
  return { settings: projectSettings(stack, project, own), effect: projectEffect(project, given) };
}

function made(
  machine: SimulatedMachine,
  kind: 'network' | 'volume',
  stack: string,
  name: string,
  declared: NonNullable<Resource['made']>,
): NonNullable<Resource['made']> {
  if (declared.external) return declared;
  const key = `${kind} ${resourceName(stack, name, declared)}`;
  const there = machine.resources.get(key);
  if (there !== undefined && there.made !== null) return there.made;
  machine.resources = new Map(machine.resources).set(key, { stack, made: declared, nth: (there?.nth ?? 0) + 1 });
  return declared;
}

/** Removes the networks of a stack, except one to which a container was attached by hand, unless that one is detached first. */
export function networksRemoved(machine: SimulatedMachine, stack: string, isDetached = false): void {
  const guests = machine.networks.get(stack) ?? none;
  const isHeld = !isDetached && machine.containers.some(({ id }) => guests.has(id));
  const left = [...machine.resources].filter(
    ([key, resource]) =>
      resource.stack !== stack || !key.startsWith('network ') || (isHeld && key === `network ${stack}_default`),
  );
  if (left.length < machine.resources.size) machine.resources = new Map(left);
}

const none: ReadonlySet<number> = new Set();

/** The named volumes that exist, with how many of each name were created so far; undefined if there are none. */
export function volumesSeen({ resources }: SimulatedMachine): Readonly<Record<string, number>> | undefined {
  if (resources.size === 0) return undefined;
  const volumes = [...resources].filter(([key, one]) => key.startsWith('volume ') && one.made !== null);
  if (volumes.length === 0) return undefined;
  return Object.fromEntries(volumes.map(([key, { nth }]) => [key.slice('volume '.length), nth]));
}
