import type { Observation } from '../../../../models/observation.ts';
import type { World } from '../../../../models/world.ts';
import type { Hooks } from '../../../engine/session/session.ts';
import type { Run } from '../../../engine/types.ts';
import type { Tellers } from '../../../reports/explain.ts';
import type { Story } from '../../../reports/report.ts';
import { type Stopwatch, stopwatch, storyOf } from '../../../reports/story.ts';

/** Keeps, for a report, how long steps took, and how each violation that was met went. */
export interface Stories {
  /** The same hooks, listened to. */
  over(hooks: Hooks<World, Observation>): Hooks<World, Observation>;
  of(run: Run<World, Observation>): Story;
  /** The first run of a search that showed a signature; absent where none did. */
  met(signature: string): Story | undefined;
}

/** For one search. */
export function storyKeeper(operations: Tellers, clock: Stopwatch = stopwatch()): Stories {
  const met = new Map<string, Story>();
  const of = (run: Run<World, Observation>): Story => storyOf(operations, run, clock);
  return {
    of,
    met: signature => met.get(signature),
    over: hooks => ({
      ...hooks,
      onBegin(step, where) {
        clock.begun(where.machine);
        hooks.onBegin?.(step, where);
      },
      onOperation(taken, where) {
        clock.ended(where.machine, taken);
        hooks.onOperation?.(taken, where);
      },
      onRun(index, run, stage) {
        const { verdict } = run;
        if (verdict.kind === 'violated' && !met.has(verdict.violation.signature))
          met.set(verdict.violation.signature, of(run));
        hooks.onRun?.(index, run, stage);
      },
    }),
  };
}
