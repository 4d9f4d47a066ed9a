import type { Scribe } from '../../../models/search/state-writer.ts';
import type { Explored } from '../explore/simulation.ts';
import { type Faults, fresh, leversAtOnce, seenOf, type ToyLevers, type ToyState } from './machine.ts';
import { toyModel } from './model.ts';
import { type Colours, jobs, type ToySeen, type ToyWorld } from './world.ts';

/**
 * The toy as it is explored. Generations ahead do not count in its state, because the next install replaces them; of those
 * behind only as many count as there are steps left to roll back.
 */
export function toyExplored(faults: Faults = {}): Explored<ToyState, ToyWorld, ToySeen, ToyLevers> {
  const now = { state: fresh() };
  const levers = leversAtOnce(now, faults) as unknown as ToyLevers;
  return {
    model: toyModel,
    simulation: {
      start: fresh,
      fork: ({ generations, pointer, files, running, volumes, restarts }) => ({
        generations,
        pointer,
        files,
        running,
        volumes,
        restarts,
      }),
      levers(state) {
        now.state = state;
        return levers;
      },
      observe: seenOf,
      write(world, state, left, scribe) {
        for (let back = 0; back <= Math.min(left, world.pointer); back++) {
          write(world.generations[world.pointer - back] as Colours, scribe);
        }
        for (const colours of [world.files, world.running]) write(colours, scribe);
        for (const job of jobs) scribe.number(world.mounts[job] ?? 0);
        for (let back = 0; back <= Math.min(left, state.pointer); back++) {
          write(state.generations[state.pointer - back] as Colours, scribe);
        }
        for (const colours of [state.files, state.running]) write(colours, scribe);
        for (const volume of state.volumes.length < 2 ? state.volumes : state.volumes.toSorted()) scribe.word(volume);
        // Only the third restart is of interest.
        scribe.number(faults.restart === true ? Math.min(state.restarts, 3) : 0);
      },
    },
  };
}

function write(colours: Colours, scribe: Scribe): void {
  if (!scribe.isToWrite(colours)) return;
  for (const job of jobs) scribe.word(colours[job] ?? '');
  scribe.written();
}
