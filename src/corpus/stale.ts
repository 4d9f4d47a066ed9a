import type { Claim } from '../../models/host.ts';
import { type Args, type Operation, type Step, underCurrentNames } from '../../models/operation.ts';
import type { Model } from '../engine/types.ts';

const succeeded: Claim = { ok: true, status: 0, message: '' };
const failed: Claim = { ok: false, status: 1, message: '' };

/** Most worlds that are followed: an entry has a few steps, and few of them may honestly fail. */
const mostWorlds = 256;

/**
 * Why the steps of an entry are no longer possible in today's model; null if they are. A step that may honestly fail is
 * followed both ways, since the machine decides.
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
      // Arguments that are not among the choices were never drawn, even if the precondition accepts them.
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

/** Why an operation takes no arguments of this form in any world; null if it does, or if that is unknown. */
function unfitBecause(choices: readonly Args[], { operation, args }: Step): string | null {
  const [first] = choices;
  if (first === undefined || choices.some(choice => kind(choice) === kind(args))) return null;
  return `${operation} does not take ${JSON.stringify(args)}; it takes arguments such as ${JSON.stringify(first)}`;
}

/** The names and types of arguments. */
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

/** The description of an operation in quotation marks. */
function sentence<W, H>(operation: Operation<Args, W, H>, args: Args): string {
  return `"${operation.describe(args)}"`;
}
