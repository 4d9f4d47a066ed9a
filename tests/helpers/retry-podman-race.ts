import type { Verdict } from '../../src/engine/types.ts';
import { race } from '../../src/hosts/real/races.ts';
import { noteAgain } from '../../src/setup/again.ts';
import { ailment, untilJudged } from './retry-machine-failure.ts';

/** As far as a run is asked here. */
interface Shown {
  readonly verdict: Verdict;
  readonly evidence?: string;
}

/**
 * A run that podman's race with itself has not decided: where the evidence shows the race, it is done again. On a busy
 * machine a new user manager's first start races more often than not (docs/races.md), so there are up to ten tries, each counted.
 * So is a run that the machine broke off. Nothing else is asked twice.
 */
export async function withoutPodmanRace<R extends Shown>(run: () => Promise<R>): Promise<R> {
  for (let nth = 1; ; nth++) {
    const done = await untilJudged(run, ailment);
    if (nth === 10 || !race.test(done.evidence ?? '')) return done;
    noteAgain('done again, since podman raced with itself (docs/races.md)');
  }
}
