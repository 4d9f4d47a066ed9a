import type { PodmanDeed } from '../host.ts';
import { sortedLines } from '../machine/compose-project.ts';
import { type Operation, operation } from '../operation.ts';
import { stackIn, unknownIn, withStack } from '../transitions/systemd.ts';
import { type ContainerWorld, laidOutContainer, type World } from '../world.ts';
import type { ContainerArgs } from './containers.ts';

/** One way to change a container of an operator's own compose file by hand, apart from its state. */
export interface ContainerChange<A extends ContainerArgs> {
  readonly deed: 'connect' | 'disconnect' | 'write';
  describe(args: A): string;
  /** The arguments for this container, which runs, simplest first. */
  choices(container: ContainerWorld, at: ContainerArgs, others: readonly ContainerWorld[]): readonly A[];
  what(args: A): PodmanDeed;
  /** What differs afterwards. */
  becomes(container: ContainerWorld, args: A, others: readonly ContainerWorld[]): Partial<ContainerWorld>;
}

/** The operation of changing such a container by hand, without its unit and its provider. */
export function containerChange<A extends ContainerArgs>(rule: ContainerChange<A>): Operation<A> {
  const choices = (world: World): readonly A[] =>
    world.manager === 'down'
      ? []
      : Object.entries(world.stacks).flatMap(([stack, { containers }]) =>
          Object.entries(containers)
            .filter(([, one]) => one.state === 'running' && one.settings !== '')
            .flatMap(([service, one]) => rule.choices(one, { stack, service }, othersOf(world, stack, service))),
        );
  return operation<A>({
    kind: 'drift',
    needs: [`podman ${rule.deed}`],
    describe: rule.describe,
    choices,
    allowed: (world, args) => choices(world).some(one => keyOf(one) === keyOf(args)),
    apply: (host, args) => host.podman(rule.what(args)),
    mayFail: (world, { stack }) => [
      ...unknownIn(world),
      ...(stackIn(world, stack).vague ? [`which containers are left of ${stack} is not known`] : []),
    ],
    expected: (world, args, claim) => {
      const { stack, service } = args;
      const { containers } = stackIn(world, stack);
      const container = containers[service];
      if (container === undefined || !claim.ok) return world;
      const after = { ...container, ...rule.becomes(container, args, othersOf(world, stack, service)) };
      return withStack(world, stack, { containers: { ...containers, [service]: laidOutContainer(after) } });
    },
  });
}

const keyOf = (args: ContainerArgs): string => JSON.stringify(Object.entries(args).sort());

const othersOf = (world: World, stack: string, service: string): readonly ContainerWorld[] =>
  Object.entries(stackIn(world, stack).containers)
    .filter(([name, { state }]) => name !== service && state === 'running')
    .map(([, one]) => one);

/** The lines of a kind in the settings of a container, or in its effect. */
export const linesOfKind = (text: string, kind: string): readonly string[] =>
  text.split('\n').filter(line => line.startsWith(`${kind} `));

/** A text with a line more, and without another. */
export const withLine = (text: string, more: string | null, less: string | null): string =>
  sortedLines([...text.split('\n').filter(line => line !== less && line !== ''), ...(more === null ? [] : [more])]);
