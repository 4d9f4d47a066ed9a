import { readCorpus, type Stored } from '../corpus/store.ts';
import { readWaivers, type Waivable, type Waiver, waiverOf, waiverWords, warnings } from '../triage/waivers.ts';
import type { Context } from './context.ts';

/**
 * The waivers of all folders that are read.
 * @throws Problem for an incomplete waiver, or one with an unknown signature.
 */
export async function waiversIn(
  folders: readonly string[],
  stored: readonly Stored[],
  invariants: ReadonlyMap<string, unknown>,
): Promise<readonly Waiver[]> {
  const entries = stored.map(({ entry }) => entry);
  const all = await Promise.all(folders.map(folder => readWaivers(folder, { entries, invariants })));
  return all.flat();
}

/** Returns who accepted a finding, until when and why; null where nobody did, or no longer. */
export type Accepted = (found: Waivable) => string | null;

/**
 * The waivers of corpus folders, for a command that searches nothing; those that need attention are reported.
 * @throws Problem with file and line for an incomplete waiver, or one with an unknown signature.
 */
export async function acceptedIn(
  folders: readonly string[],
  invariants: ReadonlyMap<string, unknown>,
  context: Pick<Context, 'warn'>,
): Promise<Accepted> {
  const all = await Promise.all(folders.map(readCorpus));
  const stored = all.flatMap(({ entries }) => entries);
  const waivers = await waiversIn(folders, stored, invariants);
  for (const line of warningsOf(waivers, stored)) context.warn(line);
  return found => waivedWords(waivers, found);
}

/** What the waivers that need attention say; printed before everything else. */
const warningsOf = (waivers: readonly Waiver[], stored: readonly Stored[]): readonly string[] =>
  warnings(
    waivers,
    stored.map(({ entry }) => entry),
    new Date(),
  );

/** Who accepted a finding, until when and why; null where nobody did, or no longer. */
function waivedWords(waivers: readonly Waiver[], found: Waivable): string | null {
  const waiver = waiverOf(waivers, found, new Date());
  return waiver === undefined ? null : waiverWords(waiver);
}
