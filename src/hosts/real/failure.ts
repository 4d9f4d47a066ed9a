import type { Claim } from '../../../models/host.ts';
import type { Deployment } from '../deployment.ts';
import { causeIn, causeScript } from './cause.ts';
import { bounded, journalScript, momentScript, withoutRequests } from './evidence.ts';

/** Longest excerpt of the journal in a claim, in characters. */
const logBound = 16_000;

/**
 * Bash, as root: prints what the journal gained in the last milliseconds, where an operator would look after a failure, and the
 * cause in it.
 */
export const failureScript = (deployment: Deployment, milliseconds: number): string =>
  [momentScript(Math.ceil(milliseconds)), causeScript(deployment), "echo '@@ journal'", journalScript(deployment)].join(
    '\n',
  );

/** What that script found, for the claim of a command that failed. @param clean removes secrets from a text, before it is cut */
export function failureIn(
  output: string,
  deployment: Deployment,
  clean: (text: string) => string,
): Pick<Claim, 'log' | 'cause'> {
  const [entries = '', journal = ''] = output.split(/^@@ journal\n/m);
  const cause = causeIn(entries, deployment);
  return {
    log: bounded(clean(withoutRequests(journal)), logBound),
    ...(cause !== null && { cause: { ...cause, says: clean(cause.says) } }),
  };
}
