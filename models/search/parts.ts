import { unitOf } from '../machine/search-path.ts';
import type { Args, Step } from '../operation.ts';
import type { ModelConfig } from '../world.ts';

/** The stack that a step is about; undefined where it is about the whole machine. A step about an env file is about its stack. */
export function stackOfStep({ declaration }: ModelConfig, { args }: Step): string | undefined {
  if (typeof args.stack === 'string') return args.stack;
  if (typeof args.secret !== 'string') return undefined;
  const { secret } = args;
  return Object.keys(declaration.stacks).find(stack => declaration.stacks[stack]?.secrets.includes(secret));
}

/** The same steps for another stack: its unit, its services by their position, its env files. */
export const movedTo = (setup: ModelConfig, steps: readonly Step[], to: string): readonly Step[] =>
  steps.map(step => {
    const from = stackOfStep(setup, step);
    return from === undefined || from === to ? step : { ...step, args: movedArgs(setup, step.args, from, to) };
  });

function movedArgs({ declaration }: ModelConfig, args: Args, from: string, to: string): Args {
  const [mine, theirs] = [declaration.stacks[from], declaration.stacks[to]];
  const counterpart = (all: readonly string[] = [], others: readonly string[] = [], name: string): string =>
    others[all.indexOf(name)] ?? others[0] ?? name;
  const moved = (key: string, value: Args[string]): Args[string] => {
    if (typeof value !== 'string') return value;
    if (key === 'stack') return to;
    if (key === 'service')
      return counterpart(Object.keys(mine?.services ?? {}), Object.keys(theirs?.services ?? {}), value);
    if (key === 'secret') return counterpart(mine?.secrets, theirs?.secrets, value);
    return value.replaceAll(unitOf(from), unitOf(to));
  };
  return Object.fromEntries(Object.entries(args).map(([key, value]) => [key, moved(key, value)]));
}
