import type { Claim } from '../../models/host.ts';
import { type Args, type Operation, type Step, underCurrentNames } from '../../models/operation.ts';
import type { Model } from '../engine/types.ts';

const succeeded: Claim = { ok: true, status: 0, message: '' };
const failed: Claim = { ok: false, status: 1, message: '' };

/** More worlds than this are not followed: an entry has a few steps, and few of them may honestly fail. */
const mostWorlds = 256;

/**
 * Why an entry's steps are no longer possible under today's model, or null where they are. A step that may honestly
 * fail is followed both ways, since the machine decides which it takes.
 */
export function staleBecause<W, S, H>(model: Model<W, S, H>, saved: readonly Step[]): string | null {
  const steps = underCurrentNames(model.operations, saved);
  let worlds: W[] = [model.start()];
  for (const [index, step] of steps.entries()) {
    const operation = model.operations.get(step.operation);
    if (operation === undefined) return `step ${index + 1}: there is no operation ${step.operation} any more`;
    try {
      const unfit = unfitBecause(
        worlds.flatMap(world => operation.choices(world)),
        step,
      );
      if (unfit !== null) return `step ${index + 1}: ${unfit}`;
      // What is not among the choices was never drawn, whatever a precondition makes of it.
      worlds = worlds.filter(
        world =>
          operation.choices(world).some(choice => same(choice, step.args)) && operation.allowed(world, step.args),
      );
      if (worlds.length === 0)
        return `step ${index + 1}: ${sentence(operation, step.args)} is no longer possible there`;
      worlds = worlds.flatMap(world => after(operation, world, step.args)).slice(0, mostWorlds);
    } catch (error) {
      return `step ${index + 1}: ${step.operation} no longer takes ${JSON.stringify(step.args)} (${(error as Error).message})`;
    }
  }
  return null;
}

/** Why an operation takes no arguments of this kind, whatever the world; null where it does, or where that cannot be told. */
function unfitBecause(choices: readonly Args[], { operation, args }: Step): string | null {
  const [first] = choices;
  if (first === undefined || choices.some(choice => kind(choice) === kind(args))) return null;
  return `${operation} does not take ${JSON.stringify(args)}; it takes arguments such as ${JSON.stringify(first)}`;
}

/** Which arguments there are, and of which types. */
const kind = (args: Args): string =>
  Object.keys(args)
    .sort()
    .map(key => `${key}:${typeof args[key]}`)
    .join();

const same = (one: Args, other: Args): boolean =>
  kind(one) === kind(other) && Object.keys(one).every(key => one[key] === other[key]);

function after<W, H>(operation: Operation<Args, W, H>, world: W, args: Args): W[] {
  const mayFail = (operation.mayFail?.(world, args) ?? []).length > 0;
  return (mayFail ? [succeeded, failed] : [succeeded]).map(claim => operation.expected(world, args, claim));
}

/** What an operation says of itself, in quotation marks that tell where it begins and ends. */
function sentence<W, H>(operation: Operation<Args, W, H>, args: Args): string {
  return `"${operation.describe(args)}"`;
}
