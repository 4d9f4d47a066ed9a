import type { Placed } from './host.ts';
import type { OnDisk } from './observation.ts';
import { type Args, type Operation, operation } from './operation.ts';
import { stackIn, withFiles } from './systemd.ts';
import type { World } from './world.ts';

/** Where and what a hand leaves in the search path. */
export interface Drift<A extends Args> {
  describe(args: A): string;
  /** The arguments for one stack, simplest first. */
  choices(stack: string, world: World): readonly (A & { stack: string })[];
  /** The path that it is left at. */
  path(args: A): string;
  /** What is left there. */
  what(args: A): Placed;
  /** How that shows on disk. */
  shows(world: World, args: A): OnDisk;
}

/** The operation of leaving something in the search path by hand: nothing is reloaded, and nothing claimed. */
export function drift<A extends Args & { stack: string }>(rule: Drift<A>): Operation<A> {
  return operation<A>({
    kind: 'drift',
    weight: 1,
    describe: args => rule.describe(args),
    choices: world => Object.keys(world.stacks).flatMap(stack => rule.choices(stack, world).filter(free(world, rule))),
    allowed: (world, args) => args.stack in world.stacks && free(world, rule)(args),
    apply: (host, args) => host.place(rule.path(args), rule.what(args)),
    expected: (world, args) => {
      const { files } = stackIn(world, args.stack);
      return withFiles(world, args.stack, { ...files, [rule.path(args)]: rule.shows(world, args) });
    },
  });
}

/** Whether the drift would be news: the same again changes nothing. */
const free =
  <A extends Args & { stack: string }>(world: World, rule: Drift<A>) =>
  (args: A): boolean => {
    const now = stackIn(world, args.stack).files[rule.path(args)];
    return now === undefined || now.kind === 'generation';
  };

/** The unit as the installed generation declares it, under another marker. */
export const marked = (world: World, stack: string, marker: string) => ({
  revision: world.installed.stacks[stack]?.revision ?? null,
  marker,
});
