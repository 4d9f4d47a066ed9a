import type { Verdict } from '../../src/engine/types.ts';
import { race } from '../../src/hosts/real/races.ts';
import { noteAgain } from '../../src/setup/again.ts';
import { ailment, untilJudged } from './retry-machine-failure.ts';

/** The parts of a run that are used here. */
interface Shown {
  readonly verdict: Verdict;
  readonly evidence?: string;
}

/**
 * Does a run again if its evidence shows podman's race with itself. On a busy machine the first start under a new user manager
 * fails by that race more often than not (docs/races.md), so there are ten tries at most, each counted. A run that was broken
 * off because the machine failed is done again too; nothing else is.
 */
export async function withoutPodmanRace<R extends Shown>(run: () => Promise<R>): Promise<R> {
  for (let nth = 1; ; nth++) {
    const done = await untilJudged(run, ailment);
    if (nth === 10 || !race.test(done.evidence ?? '')) return done;
    noteAgain('done again, since podman raced with itself (docs/races.md)');
  }
}
