import type { Handling } from '../host.ts';
import { type Args, type Operation, operation } from '../operation.ts';
import type { Need } from '../role.ts';
import { isLost } from '../transitions/lifecycle.ts';
import { leftByOwnUnit } from '../transitions/own-units.ts';
import { stackIn, unknownIn, withStack } from '../transitions/systemd.ts';
import { type ContainerWorld, laidOutContainer, type StackWorld, type World } from '../world.ts';

/** Which container: its stack, and its service in that stack. */
export interface ContainerArgs extends Args {
  readonly stack: string;
  readonly service: string;
}

/** Something done to one container behind its unit's back. */
export interface ContainerDrift {
  /** Earlier names of the operation. */
  readonly formerly?: readonly string[];
  /** The lever that does it. */
  readonly needs: Need;
  readonly weight?: number;
  /** A sentence's beginning: `stop the container of`. */
  readonly says: string;
  /**
   * Whether it needs a container that certainly exists, as a signal does: it is not tried where nothing is known. A podman command
   * makes a claim either way.
   */
  readonly needsContainer?: true;
  /** Whether it can be done to a container in this state. */
  possible(container: ContainerWorld): boolean;
  apply: Operation<ContainerArgs>['apply'];
  /** The container afterwards; null where it is gone. */
  becomes(container: ContainerWorld, world: World): ContainerWorld | null;
  mayFail?(world: World, at: ContainerArgs): readonly string[];
}

/** An operation that does something to one container without its unit's knowledge. */
export function containerDrift(rule: ContainerDrift): Operation<ContainerArgs> {
  const allowed = (world: World, { stack, service }: ContainerArgs) => {
    const containers: StackWorld['containers'] = Object.hasOwn(world.stacks, stack)
      ? stackIn(world, stack).containers
      : {};
    const container = Object.hasOwn(containers, service) ? containers[service] : undefined;
    if (rule.needsContainer && world.uncertain !== null) return false;
    return world.manager === 'running' && container !== undefined && rule.possible(container);
  };
  return operation({
    kind: 'drift',
    ...(rule.formerly && { formerly: rule.formerly }),
    needs: [rule.needs],
    weight: rule.weight ?? 1,
    describe: ({ stack, service }) => `${rule.says} ${stack}/${service}`,
    choices: world =>
      Object.keys(world.stacks).flatMap(stack =>
        Object.keys(stackIn(world, stack).containers)
          .map(service => ({ stack, service }))
          .filter(args => allowed(world, args)),
      ),
    allowed,
    apply: rule.apply,
    mayFail: (world, at) => [
      ...unknownIn(world),
      ...leftOver(world, at),
      ...lostHold(world, at),
      ...(rule.mayFail?.(world, at) ?? []),
    ],
    expected: (world, { stack, service }, claim) => {
      const { [service]: container, ...others } = stackIn(world, stack).containers;
      if (container === undefined || (!claim.ok && !isLost(container))) return world;
      const after = claim.ok ? rule.becomes(container, world) : { ...container, state: 'unknown' as const };
      const left = after === null || !world.setup.traits.ownUnits ? after : leftByOwnUnit(after);
      const containers = left === null ? others : { ...others, [service]: laidOutContainer(left) };
      return withStack(world, stack, { containers });
    },
  });
}

/**
 * The containers that may require this one (podman-compose makes them so, facts-debian13 F80), even if the definition that they
 * were made from has changed since.
 */
export function requiredBy(world: World, { stack, service }: ContainerArgs): readonly string[] {
  const projects = Object.values(world.revisions[stack] ?? {});
  return Object.keys(stackIn(world, stack).containers)
    .filter(other => projects.some(({ services }) => services[other]?.dependsOn.includes(service)))
    .map(other => `${stack}/${other} requires it`);
}

/** Podman may fail to stop a container whose conmon is gone, and may have stopped it all the same (facts-debian13 F84). */
function lostHold(world: World, { stack, service }: ContainerArgs): readonly string[] {
  const container = stackIn(world, stack).containers[service];
  return container !== undefined && isLost(container) ? [`podman lost hold of ${stack}/${service}`] : [];
}

/** A failed start may have left any container behind. */
const leftOver = (world: World, { stack }: ContainerArgs): readonly string[] =>
  stackIn(world, stack).vague ? [`which containers are left of ${stack} is not known`] : [];

/** An operation on one container, by podman or by a signal. */
export const byHand = ({
  action,
  ...rule
}: Omit<ContainerDrift, 'apply' | 'says' | 'needs' | 'needsContainer'> & {
  readonly action: Handling;
}): Operation<ContainerArgs> =>
  containerDrift({
    ...rule,
    needs: `container ${action}`,
    ...(action !== 'stop' && action !== 'remove' && { needsContainer: true as const }),
    says: `${inWords[action]} the container of`,
    apply: (host, { stack, service }) => host.container(action, stack, service),
  });

const inWords: Readonly<Record<Handling, string>> = {
  stop: 'stop by hand',
  remove: 'remove by hand',
  kill: 'send SIGKILL to',
  'kill-conmon': 'send SIGKILL to the monitor of',
  'kill-both': 'send SIGKILL to the monitor and to the payload of',
  rename: 'rename',
  relabel: 'make anew, with the label of another unit,',
};

/** Whether a container runs and podman controls it. */
export const runsWell = ({ state }: ContainerWorld): boolean => state === 'running';
