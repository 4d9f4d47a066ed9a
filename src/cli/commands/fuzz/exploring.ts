import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Step } from '../../../../models/operation.ts';
import { exploreAll } from '../../../engine/explore/search.ts';
import { stepsOf } from '../../../engine/explore/steps.ts';
import { threads } from '../../../engine/explore/threads.ts';
import { makeFolder, readRegular, writeOver } from '../../../files.ts';
import type { ImitatedProfile } from '../../../hosts/simulator/index.ts';
import { loadProfile, type Provider } from '../../../profiles/profile.ts';
import type { Context } from '../../context.ts';
import { fingerprint } from '../../fingerprint.ts';
import { imitatedProfiles } from '../../machines.ts';
import type { Kind, Target } from '../../options.ts';
import { type Chosen, exploredOf } from '../explore/explored.ts';

/** How deep: every sequence of two operations. */
const depth = 2;

/** Seconds for all explorations together, half of them for the profile under test; what was found until then is taken. */
const patience: Readonly<Record<Kind, number>> = { lab: 60, simulator: 20 };

const form = z.strictObject({
  format: z.literal(1),
  fingerprint: z.string(),
  found: z.array(
    z.strictObject({
      signature: z.string(),
      steps: z.array(
        z.strictObject({
          operation: z.string(),
          args: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
        }),
      ),
    }),
  ),
});

/** A sequence that breaks a promise on a simulated machine, and under which profile. */
export interface ExploredPairs {
  readonly profile: ImitatedProfile;
  readonly provider: Provider;
  readonly signature: string;
  readonly steps: readonly Step[];
}

/**
 * What every sequence of two operations comes to on simulated machines, of each profile that is imitated with each of its
 * providers, that under test first: one of the shortest sequences for each signature. It is kept beside the corpus until
 * something changes that decides it.
 */
export async function explored(
  { profile, provider }: Target,
  kind: Kind,
  corpus: string,
  signal: AbortSignal,
  context: Context,
): Promise<readonly ExploredPairs[]> {
  const rank = (one: Chosen): number => (one.profile !== profile.name ? 2 : one.provider !== provider ? 1 : 0);
  const all = imitatedProfiles
    .flatMap(name => loadProfile(name).providers.map(each => ({ profile: name, provider: each })))
    .sort((one, other) => rank(one) - rank(other));
  const begun = Date.now();
  const found: ExploredPairs[] = [];
  const missed: string[] = [];
  let isSaid = false;
  for (const [at, chosen] of all.entries()) {
    const file = join(dirname(corpus), '.stackfuzz', `suspects-${chosen.profile}-${chosen.provider}.json`);
    const print = fingerprintOf(chosen);
    const kept = await readKept(file, print);
    if (kept !== null) {
      found.push(...kept.map(each => ({ ...chosen, ...each })));
      continue;
    }
    if (!isSaid)
      context.note(
        `Looking for suspects: every sequence of ${depth} operations, on simulated machines, for ${patience[kind]} s at most. What is found is kept in ${dirname(file)}.`,
      );
    isSaid = true;
    const share = at === 0 ? 1 / 2 : 1 / (all.length - at);
    const left = share * (patience[kind] * 1000 - (Date.now() - begun));
    if (signal.aborted || left <= 0) {
      missed.push(`${chosen.profile} with ${chosen.provider}`);
      continue;
    }
    const { isWhole, suspects } = await exploring(
      chosen,
      AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(left))]),
    );
    found.push(...suspects.map(each => ({ ...chosen, ...each })));
    if (isWhole) await keep(file, print, suspects, context);
    else missed.push(`${chosen.profile} with ${chosen.provider}`);
  }
  if (missed.length > 0 && !signal.aborted) context.warn(`Not explored to the end in that time: ${missed.join(', ')}.`);
  return found;
}

type Suspects = readonly Pick<ExploredPairs, 'signature' | 'steps'>[];

async function exploring(chosen: Chosen, signal: AbortSignal): Promise<{ isWhole: boolean; suspects: Suspects }> {
  const what = await exploredOf(chosen);
  const worker = new URL('../explore/worker.js', import.meta.url);
  const crew = threads(availableParallelism(), worker, { chosen, recoverTo: -1 });
  try {
    const { standing, ended } = await exploreAll({ depth, crew, signal });
    const suspects: Pick<ExploredPairs, 'signature' | 'steps'>[] = [];
    for (const { kind, signature, path } of standing.met)
      if (kind === 'violated') suspects.push({ signature, steps: await stepsOf(what, path) });
    return { isWhole: ended === 'complete', suspects };
  } finally {
    await crew.close();
  }
}

/** What was kept of an earlier exploration; null where it is not there, cannot be read or is of other times: it is a cache. */
async function readKept(file: string, print: string): Promise<Suspects | null> {
  try {
    const { data } = form.safeParse(JSON.parse(await readRegular(file, { links: false })));
    return data?.fingerprint === print ? data.found : null;
  } catch {
    return null;
  }
}

async function keep(file: string, print: string, found: Suspects, context: Context): Promise<void> {
  try {
    await makeFolder(dirname(file));
    await writeOver(file, `${JSON.stringify({ format: 1, fingerprint: print, found }, null, 1)}\n`);
  } catch (error) {
    context.warn(`The suspects are not kept in ${file}: ${(error as Error).message}`);
  }
}

const fingerprintOf = ({ profile }: Chosen): string =>
  fingerprint(['models', 'properties', 'src/engine', 'src/hosts/simulator'], [loadProfile(profile).directory]);
