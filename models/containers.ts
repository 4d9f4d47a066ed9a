import type { Handling } from './host.ts';
import { type Args, type Operation, operation } from './operation.ts';
import { stackIn, withStack } from './systemd.ts';
import type { ContainerWorld, World } from './world.ts';

/** Something done by hand to one container. */
export interface ByHand {
  readonly action: Handling;
  /** Whether it makes sense for a container in this state. */
  possible(container: ContainerWorld): boolean;
  /** The container afterwards; null where it is gone. */
  becomes(container: ContainerWorld): ContainerWorld | null;
  grounds?(world: World, at: { stack: string; service: string }): readonly string[];
}

/** The operation of doing something to one container behind its unit's back. */
export function byHand(rule: ByHand): Operation<Args & { stack: string; service: string }> {
  const at = (world: World, { stack, service }: { stack: string; service: string }) =>
    world.stacks[stack]?.containers[service];
  const allowed = (world: World, args: { stack: string; service: string }) => {
    const container = at(world, args);
    return world.manager === 'running' && container !== undefined && rule.possible(container);
  };
  return operation({
    kind: 'drift',
    describe: ({ stack, service }) => `${rule.action} the container of ${stack}/${service} by hand`,
    choices: world =>
      Object.keys(world.stacks).flatMap(stack =>
        Object.keys(stackIn(world, stack).containers)
          .map(service => ({ stack, service }))
          .filter(args => allowed(world, args)),
      ),
    allowed,
    apply: (host, { stack, service }) => host.container(rule.action, stack, service),
    ...(rule.grounds && { grounds: rule.grounds }),
    expected: (world, { stack, service }, claim) => {
      const { [service]: container, ...others } = stackIn(world, stack).containers;
      if (!claim.ok || container === undefined) return world;
      const after = rule.becomes(container);
      return withStack(world, stack, { containers: after === null ? others : { ...others, [service]: after } });
    },
  });
}
