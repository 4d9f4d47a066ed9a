import type { Claim } from '../../../models/host.ts';
import type { Args, Operation } from '../../../models/operation.ts';
import type { Model } from '../types.ts';

/**
 * A model that remembers its answers: choosing the next steps of a plan asks the same questions many times. Where steps lead is
 * remembered for the start, where every plan begins, and for the last world that was asked about; for all worlds it would take
 * too much memory.
 */
export function memoised<W, S, H>(model: Model<W, S, H>): Model<W, S, H> {
  const start = once(() => model.start());
  const ledFrom = leadingFrom(start);
  const { aspects, isWhole } = model;
  return {
    ...model,
    start,
    operations: new Map([...model.operations].map(([name, each]) => [name, memoisedOperation(name, each, ledFrom)])),
    ...(aspects && {
      aspects: byWorld((world: W) => {
        const known = new Map<string | undefined, readonly string[]>();
        return (part?: string) => got(known, part, () => aspects(world, part));
      }),
    }),
    ...(isWhole && { isWhole: byWorld((world: W) => once(() => isWhole(world))) }),
  };
}

/** Where steps lead from a world, by operation, arguments, and success. */
type Led<W> = Map<string, W>;

function leadingFrom<W>(start: () => W): (world: W) => Led<W> {
  const fromStart: Led<W> = new Map();
  let last: { readonly world: W; readonly led: Led<W> } | undefined;
  return world => {
    if (world === start()) return fromStart;
    if (world !== last?.world) last = { world, led: new Map() };
    return last.led;
  };
}

function memoisedOperation<W, H>(
  name: string,
  operation: Operation<Args, W, H>,
  ledFrom: (world: W) => Led<W>,
): Operation<Args, W, H> {
  const { mustFail } = operation;
  return {
    ...operation,
    choices: byWorld((world: W) => once(() => operation.choices(world))),
    ...(mustFail && {
      mustFail: byWorld((world: W) => {
        const known = new WeakMap<Args, readonly string[]>();
        return (args: Args) => got(known, args, () => mustFail(world, args));
      }),
    }),
    expected(world: W, args: Args, claim: Claim): W {
      const key = `${name} ${claim.ok} ${JSON.stringify(args)}`;
      return got(ledFrom(world), key, () => operation.expected(world, args, claim));
    },
  };
}

/** A function of a world and one more argument, computed once for each world. */
function byWorld<W, A extends readonly unknown[], R>(make: (world: W) => (...more: A) => R) {
  const known = new WeakMap<object, (...more: A) => R>();
  return (world: W, ...more: A): R => got(known, world as object, () => make(world))(...more);
}

function once<R>(make: () => R): () => R {
  let made: { readonly value: R } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** The value that a map has for a key; computed and kept if it has none. */
function got<K, V>(map: { get(key: K): V | undefined; set(key: K, value: V): unknown }, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
