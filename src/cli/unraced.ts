import { race } from '../hosts/races.ts';

/** As far as a run is asked here. */
interface Shown {
  readonly evidence?: string;
}

/**
 * A run that podman's race with itself has not decided: where the evidence shows the race, it is done again. On a busy
 * machine a new user manager's first start races more often than not (docs/races.md), so there are up to ten tries.
 */
export async function unraced<R extends Shown>(run: () => Promise<R>): Promise<R> {
  for (let nth = 1; ; nth++) {
    const done = await run();
    if (nth === 10 || !race.test(done.evidence ?? '')) return done;
  }
}
