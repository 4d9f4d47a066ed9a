import type { Host, Levers } from '../../models/host.ts';
import type { Observation } from '../../models/observation.ts';
import type { Step } from '../../models/operation.ts';
import type { World } from '../../models/world.ts';
import { type RunOptions, runSteps } from '../../src/engine/run/run.ts';
import type { Model, Run } from '../../src/engine/types.ts';

type Machines = Model<World, Observation, Levers>;

/**
 * Does sequences of steps one after the other. If a sequence held and left its machine like a fresh one, the next one uses that
 * machine: it is looked at first, and compared with the model, as a fresh machine is. Otherwise the next one gets a fresh
 * machine.
 */
export function onSharedMachine(host: Host) {
  let left: World | null = null;
  return async (
    model: Machines,
    steps: readonly Step[],
    options: RunOptions = {},
  ): Promise<Run<World, Observation>> => {
    const from = left;
    left = null;
    if (from === null) return noted(await runSteps(model, host, steps, options));
    const staying: Host = { ...host, reset: async () => {} };
    return noted(await runSteps({ ...model, start: () => from }, staying, steps, options));

    function noted(run: Run<World, Observation>): Run<World, Observation> {
      left = leftAsItWas(model, run);
      return run;
    }
  };
}

/** How many machines `onSharedMachine` needs for these sequences, estimated on the simulator. */
export async function machinesFor(
  model: Machines,
  host: Host,
  sequences: readonly (readonly Step[])[],
): Promise<number> {
  let machines = 0;
  const run = onSharedMachine({
    ...host,
    reset: async () => {
      machines++;
      await host.reset();
    },
  });
  for (const steps of sequences) await run(model, steps, { evidence: false });
  return machines;
}

/** The world after a run if the machine is then like a fresh one; else null. */
function leftAsItWas(model: Machines, { verdict, history }: Run<World, Observation>): World | null {
  const world = history.at(-1)?.after;
  if (verdict.kind !== 'held' || world === undefined || model.isWhole?.(world) !== true) return null;
  const [was, is] = [model.start(), world].map(each => model.expectedObservation(each)) as [Observation, Observation];
  return model.alike?.(was, is) === true ? world : null;
}
