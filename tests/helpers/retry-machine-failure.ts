import type { Verdict } from '../../src/engine/types.ts';
import { noteAgain } from '../../src/setup/again.ts';

/**
 * A run that was judged. One that the machine broke off says nothing of the promise, so it is done again: up to three
 * tries in all, and each that came to nothing is told of and counted. A broken promise is never asked twice.
 * @param why what kept a run from being judged; null where nothing did
 */
export async function untilJudged<R>(run: () => Promise<R>, why: (done: R) => string | null): Promise<R> {
  for (let nth = 1; ; nth++) {
    const done = await run();
    const reason = why(done);
    if (reason === null || nth === 3) return done;
    noteAgain(`done again, since the machine broke off: ${reason}`);
  }
}

/** What the machine ailed from, where that kept it from being judged. */
export const ailment = ({ verdict }: { readonly verdict: Verdict }): string | null =>
  verdict.kind === 'inconclusive' && verdict.cause === 'machine' ? verdict.reason : null;
