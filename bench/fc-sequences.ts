import fc from 'fast-check';
import type { Step } from '../models/operation.ts';
import type { Model } from '../src/engine/types.ts';

/**
 * Sequences as fast-check's own `fc.commands` draws them from a catalog: each operation with the arguments that it has at the
 * start. A step that is impossible when its turn comes is skipped, as `check` does it.
 */
export function commandSequences<W, S, H>(
  model: Model<W, S, H>,
  seed: number,
  runs: number,
  maxCommands: number,
): readonly (readonly Step[])[] {
  const start = model.start();
  const commands = [...model.operations].flatMap(([operation, { choices }]) => {
    const steps = choices(start).map(args => ({ operation, args: { ...args } }));
    return steps.length === 0 ? [] : [fc.constantFrom(...steps).map(commandOf)];
  });
  return fc
    .sample(fc.commands(commands, { maxCommands, size: 'max' }), { seed, numRuns: runs })
    .map(all =>
      [...all].map(
        command =>
          (command as unknown as { readonly cmd?: Held } & Held).cmd?.step ?? (command as unknown as Held).step,
      ),
    );
}

interface Held {
  readonly step: Step;
}

const commandOf = (step: Step): fc.AsyncCommand<object, object> & Held => ({
  step,
  check: () => true,
  run: async () => {},
  toString: () => step.operation,
});
