import type { Verdict } from '../../src/engine/types.ts';
import { noteAgain } from '../../src/setup/again.ts';

/**
 * Does a run until it has a verdict. A run that was broken off because the machine failed is done again: three times at most in
 * all; each repetition is printed and counted. A broken promise is never asked twice.
 * @param why why a run has no verdict; null if it has one
 */
export async function untilJudged<R>(run: () => Promise<R>, why: (done: R) => string | null): Promise<R> {
  for (let nth = 1; ; nth++) {
    const done = await run();
    const reason = why(done);
    if (reason === null || nth === 3) return done;
    noteAgain(`done again, since the machine broke off: ${reason}`);
  }
}

/** The machine's ailment, if it kept the run from a verdict. */
export const ailment = ({ verdict }: { readonly verdict: Verdict }): string | null =>
  verdict.kind === 'inconclusive' && verdict.cause === 'machine' ? verdict.reason : null;
