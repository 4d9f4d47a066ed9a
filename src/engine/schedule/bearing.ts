import type { Args } from '../../../models/operation.ts';
import { assumed } from '../plan/plan.ts';
import { asking, Crash } from '../run/crash.ts';
import type { Model } from '../types.ts';

/** A step that leaves something which a later command may have to cope with (an opening). */
export interface Opening<W> {
  readonly operation: string;
  readonly part: string | undefined;
  /** The kinds of lever that it uses. */
  readonly levers: readonly string[];
  /** Its other arguments. */
  readonly values: readonly string[];
  readonly before: W;
  readonly after: W;
}

/**
 * How an earlier step bears on a command about the same part: the command undoes it, fails because of it, or acts although it
 * would otherwise have nothing to do. Null if the command goes as it would without it.
 */
export type Bearing<W> = (
  opening: Opening<W>,
  command: string,
  part: string | undefined,
) => 'undoes' | 'fails' | 'acts' | null;

/** Asks the model once for each kind of opening and command; the answers hold for this model. */
export function bearing<W, S, H>(model: Model<W, S, H>): Bearing<W> {
  const known = new Map<string, ReturnType<Bearing<W>>>();
  const kinds = new WeakMap<Opening<W>, string>();
  // A check says what an update would do: what bears on the update bears on the check.
  const update = [...model.operations].find(([, { role }]) => role === 'update')?.[0];
  return (opening, command, part) => {
    const about = part === undefined ? 'all' : part === opening.part ? 'the same' : 'another';
    let kind = kinds.get(opening);
    if (kind === undefined) {
      kind = JSON.stringify([opening.operation, opening.part === undefined, opening.values]);
      kinds.set(opening, kind);
    }
    const key = `${command} ${about} ${kind}`;
    let found = known.get(key);
    if (found === undefined) {
      const isCheck = model.operations.get(command)?.role === 'update-check';
      found = orNull(() => asked(model, opening, isCheck ? (update ?? command) : command, part));
      known.set(key, found);
    }
    return found;
  };
}

/** The question is hypothetical. If the model throws here, whoever really gets there reports it. */
function orNull<T>(ask: () => T | null): T | null {
  try {
    return ask();
  } catch (error) {
    if (error instanceof Crash) return null;
    throw error;
  }
}

function asked<W, S, H>(
  model: Model<W, S, H>,
  { before, after }: Opening<W>,
  name: string,
  part: string | undefined,
): ReturnType<Bearing<W>> {
  const does = model.operations.get(name);
  if (does === undefined) return null;
  const args = asking('operation', name, 'choices', () => does.choices(after)).find(
    each => model.parts?.of({ operation: name, args: each }) === part,
  );
  if (args === undefined) return null;
  // A step that made the command possible is what the command acts on.
  if (!asking('operation', name, 'allowed', () => does.allowed(before, args))) return 'acts';
  const mustFail = (world: W): boolean =>
    asking('operation', name, 'mustFail', () => does.mustFail?.(world, args as Args) ?? []).length > 0;
  if (mustFail(after) !== mustFail(before)) return 'fails';
  const step = { operation: name, args };
  const [without, then] = [assumed(model, before, step), assumed(model, after, step)];
  if (!looksAlike(model, after, before) && looksAlike(model, then, without)) return 'undoes';
  return !looksAlike(model, after, then) && looksAlike(model, before, without) ? 'acts' : null;
}

function looksAlike<W, S, H>(model: Model<W, S, H>, one: W, other: W): boolean {
  const [mine, theirs] = asking('the', 'model', 'expectedObservation', () => [
    model.expectedObservation(one),
    model.expectedObservation(other),
  ]);
  if (model.alike !== undefined) return asking('the', 'model', 'alike', () => model.alike?.(mine, theirs) ?? false);
  const lasting = (seen: S): string =>
    JSON.stringify(asking('the', 'model', 'lasting', () => model.lasting(seen, seen)));
  return lasting(mine) === lasting(theirs);
}
