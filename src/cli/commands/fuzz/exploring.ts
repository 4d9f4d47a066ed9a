import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { Step } from '../../../../models/operation.ts';
import { type ExploreStanding, exploreAll } from '../../../engine/explore/search.ts';
import { stepsOf } from '../../../engine/explore/steps.ts';
import { threads } from '../../../engine/explore/threads.ts';
import { makeFolder, readRegular, writeOver } from '../../../files.ts';
import { loadProfile, type Provider } from '../../../profiles/profile.ts';
import type { Context } from '../../context.ts';
import { fingerprint } from '../../fingerprint.ts';
import { imitatedProfiles, isImitated } from '../../machines.ts';
import type { Kind, Target } from '../../options.ts';
import { type Chosen, exploredOf, profileOf } from '../explore/explored.ts';
import { dropState, keepState, readState } from '../explore/state.ts';

/** How deep: every sequence of two operations. */
const depth = 2;

/** Seconds for all explorations together, half of them for the profile under test; what was found until then is taken. */
const patience: Readonly<Record<Kind, number>> = { lab: 60, simulator: 20, own: 60 };

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
  readonly profile: string;
  readonly provider: Provider;
  readonly signature: string;
  readonly steps: readonly Step[];
}

/**
 * What every sequence of two operations comes to on simulated machines, of each profile that is imitated with each of its
 * providers, that under test first: one of the shortest sequences for each signature. It is kept beside the corpus until
 * something changes that decides it; so is an exploration that was cut short, and the next search goes on with it.
 */
export async function explored(
  subject: Target,
  kind: Kind,
  corpus: string,
  signal: AbortSignal,
  context: Context,
): Promise<readonly ExploredPairs[]> {
  const all = choicesFor(subject);
  const begun = Date.now();
  const found: ExploredPairs[] = [];
  const missed: string[] = [];
  let isSaid = false;
  for (const [at, chosen] of all.entries()) {
    const file = join(dirname(corpus), '.stackfuzz', `suspects-${nameOf(chosen)}.json`);
    const print = fingerprintOf(chosen);
    const kept = await readKept(file, print);
    if (kept !== null) {
      found.push(...kept.map(each => ({ ...pairOf(chosen), ...each })));
      continue;
    }
    if (!isSaid)
      context.note(
        `Looking for suspects: every sequence of ${depth} operations, on simulated machines, for ${patience[kind]} s at most. What is found is kept in ${dirname(file)}.`,
      );
    isSaid = true;
    const share = at === 0 ? 1 / 2 : 1 / (all.length - at);
    const left = share * (patience[kind] * 1000 - (Date.now() - begun));
    const partly = file.replace(/json$/, 'state');
    const from = await readPartly(partly, chosen);
    if (from !== null)
      context.note(
        `An earlier search did not explore ${chosen.profile} with ${chosen.provider} to the end: this one goes on there.`,
      );
    const { ended, standing } =
      signal.aborted || left <= 0
        ? { ended: 'stopped', standing: from }
        : await exploring(chosen, AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(left))]), from);
    const suspects = standing === null ? [] : await suspectsIn(chosen, standing);
    found.push(...suspects.map(each => ({ ...pairOf(chosen), ...each })));
    if (ended === 'complete') {
      await keeping(context, file, async () => {
        await keep(file, print, suspects);
        await dropState(partly);
      });
      continue;
    }
    missed.push(`${chosen.profile} with ${chosen.provider}`);
    if (standing !== null && standing !== from)
      await keeping(context, partly, () => keepState(partly, { chosen, depth, standing }));
  }
  if (missed.length > 0 && !signal.aborted)
    context.warn(
      `Not explored to the end in that time: ${missed.join(', ')}. What was found until then is taken, and the next search goes on there.`,
    );
  return found;
}

/** What is explored, that under test first; with the operations and promises of somebody's own, where there are any. */
function choicesFor(subject: Target): readonly Chosen[] {
  const { profile, provider, models } = subject;
  const own = models.length === 0 ? {} : { models: models.map(folder => resolve(folder)) };
  const shipped = imitatedProfiles.flatMap(name =>
    loadProfile(name).providers.map(each => ({ profile: name as string, provider: each, ...own })),
  );
  // One that says whom it imitates has stacks of its own.
  const mine = { profile: profile.name, folder: profile.directory, provider, ...own };
  const rank = (one: Chosen): number =>
    one === mine ? -1 : one.profile !== profile.name ? 2 : one.provider !== provider ? 1 : 0;
  return [...(profile.imitates !== null && isImitated(subject) ? [mine] : []), ...shipped].sort(
    (one, other) => rank(one) - rank(other),
  );
}

const pairOf = ({ profile, provider }: Chosen) => ({ profile, provider });

/** Of whatever folders it is made of, it has a name of its own: one search must not push out what another has kept. */
function nameOf({ profile, provider, folder, models = [] }: Chosen): string {
  const folders = [...(folder === undefined ? [] : [folder]), ...models];
  const own = createHash('sha256').update(JSON.stringify(folders)).digest('hex').slice(0, 8);
  return `${profile}-${provider}${folders.length === 0 ? '' : `-${own}`}`;
}

type Suspects = readonly Pick<ExploredPairs, 'signature' | 'steps'>[];

async function exploring(chosen: Chosen, signal: AbortSignal, from: ExploreStanding | null) {
  const worker = new URL('../explore/worker.js', import.meta.url);
  const crew = threads(availableParallelism(), worker, { chosen, recoverTo: -1 });
  try {
    return await exploreAll({ depth, crew, signal, ...(from === null ? {} : { from }) });
  } finally {
    await crew.close();
  }
}

async function suspectsIn(chosen: Chosen, { met }: ExploreStanding): Promise<Suspects> {
  const what = await exploredOf(chosen);
  const suspects: Pick<ExploredPairs, 'signature' | 'steps'>[] = [];
  for (const { kind, signature, path } of met)
    if (kind === 'violated') suspects.push({ signature, steps: await stepsOf(what, path) });
  return suspects;
}

/** An exploration that was cut short, as it was kept; null where there is none of what is as it is now. */
async function readPartly(file: string, chosen: Chosen): Promise<ExploreStanding | null> {
  try {
    const kept = await readState(file);
    return kept.depth === depth && JSON.stringify(kept.chosen) === JSON.stringify(chosen) ? kept.standing : null;
  } catch {
    return null;
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

async function keep(file: string, print: string, found: Suspects): Promise<void> {
  await makeFolder(dirname(file));
  await writeOver(file, `${JSON.stringify({ format: 1, fingerprint: print, found }, null, 1)}\n`);
}

/** What cannot be kept is said; the search goes on. */
async function keeping(context: Context, file: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    context.warn(`The suspects are not kept in ${file}: ${(error as Error).message}`);
  }
}

const fingerprintOf = (chosen: Chosen): string =>
  fingerprint(
    ['models', 'properties', 'src/engine', 'src/hosts/simulator'],
    [profileOf(chosen).directory, ...(chosen.models ?? [])],
  );
