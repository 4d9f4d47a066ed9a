import type { Host, Levers } from '../../models/host.ts';
import type { Observation } from '../../models/observation.ts';
import type { Step } from '../../models/operation.ts';
import type { World } from '../../models/world.ts';
import { isImitated, simulated } from '../../src/cli/machines.ts';
import type { Target } from '../../src/cli/options.ts';
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

/**
 * How many machines `onSharedMachine` needs for these sequences, estimated on the simulator; 1 where it does not imitate the target,
 * and more are booted as they are asked for.
 */
export async function machinesFor(
  model: Machines,
  target: Target,
  sequences: readonly (readonly Step[])[],
): Promise<number> {
  if (!isImitated(target)) return 1;
  let machines = 0;
  const host = simulated(target);
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
