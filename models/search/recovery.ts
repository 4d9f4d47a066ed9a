import { expectedObservation } from '../expected-observation.ts';
import { driftedThere, isWritable } from '../families/drift.ts';
import { containerUnitOf } from '../machine/search-path.ts';
import { alike } from '../observation.ts';
import { rebuilt } from '../transitions/generations.ts';
import { isLost } from '../transitions/lifecycle.ts';
import { looked } from '../transitions/lookup.ts';
import { deadFirstTarget, stackIn } from '../transitions/systemd.ts';
import type { World } from '../world.ts';

/** A step of a recovery: an operation of the catalog. */
export interface RecoveryStep {
  readonly operation: string;
  readonly args: Readonly<Record<string, string>>;
}

/**
 * What an operator would do next to get a machine back to what is declared: restore what was taken, undeclare what cannot run,
 * remove what was placed by hand, remove containers that are wrong. Null where nothing is left to do by hand; then comes a
 * rebuild.
 */
export const nextRecoveryStep = (world: World): RecoveryStep | null =>
  forTheMachine(world) ??
  forTheManager(world) ??
  forTheFiles(world) ??
  forTheContainers(world) ??
  forTheDeclaration(world);

/** Whether nothing is left to repair, by hand or by a rebuild: what is done next does not depend on the past. */
export function isWhole(world: World): boolean {
  if (world.uncertain !== null || nextRecoveryStep(world) !== null) return false;
  const claim = { ok: true, status: 0, message: '' };
  return alike(expectedObservation(world), expectedObservation(looked(rebuilt(world, world.declared, claim))));
}

/** The operations of a recovery, and the last one. */
export const recoveryOperations: readonly string[] = [
  ...['free-store', 'etc-writable', 'start-registry', 'publish-image', 'restore-secret', 'linger-on', 'reboot'],
  ...[
    'take-away-drift',
    'start-manager',
    'remove-container',
    'change-image-tag',
    'set-healthcheck',
    'set-unit-label',
    'rebuild',
  ],
];

const by = (operation: string, args: RecoveryStep['args'] = {}): RecoveryStep => ({ operation, args });

function forTheMachine(world: World): RecoveryStep | null {
  if (world.store === 'full') return by('free-store');
  if (world.etc === 'read-only') return by('etc-writable');
  if (!world.registryUp) return by('start-registry');
  if (world.registry.stable === undefined || world.registry.stable === 'broken') {
    return by('publish-image', { version: world.setup.versions[0] as string });
  }
  const needed = Object.values(world.declared.stacks).flatMap(({ secrets }) => secrets);
  const wanting = [...world.malformedSecrets, ...needed.filter(secret => world.missingSecrets.includes(secret))];
  return wanting[0] === undefined ? null : by('restore-secret', { secret: wanting[0] });
}

function forTheManager(world: World): RecoveryStep | null {
  const dead = world.manager === 'running' ? null : deadTarget(world);
  if (dead !== null && isWritable(world, dead.path)) return by('take-away-drift', dead);
  if (!world.linger) return by('linger-on');
  // What is in the runtime directory goes with a boot.
  if (world.forgotten || dead !== null) return by('reboot');
  return world.manager === 'running' ? null : by('start-manager');
}

/** What hides default.target from the next manager, by the stack that it is counted with. */
function deadTarget({ stacks }: World): { readonly stack: string; readonly path: string } | null {
  const [first] = Object.entries(stacks);
  if (first === undefined) return null;
  const path = deadFirstTarget(first[1].files);
  return path === null ? null : { stack: first[0], path };
}

function forTheFiles(world: World): RecoveryStep | null {
  for (const stack in world.stacks) {
    const [path] = driftedThere(world, stack);
    if (path !== undefined) return by('take-away-drift', { stack, path });
  }
  return null;
}

function forTheContainers(world: World): RecoveryStep | null {
  for (const [stack, { containers, vague }] of Object.entries(world.stacks)) {
    if (vague) continue;
    const odd = Object.entries(containers).find(
      // A container that may be gone is made by the rebuild as it should be; so are the containers of a stack of which nothing
      // is known.
      ([service, container]) =>
        container.state !== 'unknown' &&
        (container.name !== `${stack}/${service}` ||
          container.unit !== containerUnitOf(world.setup.traits, stack, service) ||
          isLost(container) ||
          container.health === 'unhealthy' ||
          container.health === 'starting'),
    );
    if (odd !== undefined) return by('remove-container', { stack, service: firstToGo(world, stack, odd[0]) });
  }
  return null;
}

/** Podman does not remove a container that another one requires. */
function firstToGo(world: World, stack: string, service: string): string {
  const { containers } = stackIn(world, stack);
  const projects = Object.values(world.revisions[stack] ?? {});
  const needs = Object.keys(containers).find(other =>
    projects.some(({ services }) => services[other]?.dependsOn.includes(service)),
  );
  return needs === undefined || needs === service ? service : firstToGo(world, stack, needs);
}

function forTheDeclaration({ declared }: World): RecoveryStep | null {
  for (const [stack, { services }] of Object.entries(declared.stacks)) {
    for (const [service, { tag, healthcheck, unitLabel }] of Object.entries(services)) {
      const at = { stack, service };
      if (tag === 'broken' || tag === 'missing') return by('change-image-tag', { ...at, tag: 'stable' });
      if (healthcheck === 'failing' || healthcheck === 'slow')
        return by('set-healthcheck', { ...at, healthcheck: 'none' });
      if (unitLabel === 'wrong') return by('set-unit-label', { ...at, label: 'right' });
    }
  }
  return null;
}
