import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { Provider } from '../../../../models/machine/traits.ts';
import type { Step } from '../../../../models/operation.ts';
import { expander } from '../../../engine/explore/expand.ts';
import {
  alone,
  type Crew,
  type ExploreOutcome,
  type ExploreProgress,
  type ExploreStanding,
  exploreAll,
} from '../../../engine/explore/search.ts';
import { stepsOf } from '../../../engine/explore/steps.ts';
import { threads } from '../../../engine/explore/threads.ts';
import { makeFolder, readRegular, writeOver } from '../../../files.ts';
import { loadProfile } from '../../../profiles/profile.ts';
import { exploringOn } from '../../../reports/explore-progress.ts';
import { count } from '../../../reports/progress.ts';
import type { Context } from '../../context.ts';
import { fingerprint } from '../../fingerprint.ts';
import { type Kind, kinds } from '../../kinds.ts';
import { imitatedProfiles, isImitated } from '../../machines.ts';
import type { Target } from '../../options.ts';
import { type Chosen, exploredOf, profileOf } from '../explore/explored.ts';
import { dropState, keepState, readState } from '../explore/state.ts';
import type { SearchPlan } from './search-plan.ts';

/** How deep: every sequence of two operations. */
const depth = 2;

/** What share of a budget goes to it at most, be that one of time or of operations. */
const shareOfBudget = 1 / 4;

/** Seconds that an operation takes on a real machine, or nearly. */
const secondsEach = 1;

/** So many milliseconds an exploration gets at least: less is gone before it has begun. */
const leastSlice = 1000;

/** So many milliseconds it goes on here: in less, threads of its own would have done nothing but load the program. */
const aloneFor = 2000;

/** How much may be explored. */
export interface Allowance {
  readonly seconds: number;
  /** Steps on simulated machines. */
  readonly transitions?: number;
}

/**
 * What a search that is itself bounded leaves for exploring. Where it counts runs, its operations are those of a simulated machine
 * too, or take a real one about a second each.
 */
export function allowedFor(
  kind: Kind,
  { seconds, runs, steps }: Pick<SearchPlan, 'seconds' | 'runs' | 'steps'>,
): Allowance {
  const operations = runs === undefined ? undefined : Math.ceil(runs * steps * shareOfBudget);
  const counted = kind === 'simulator' ? undefined : operations && operations * secondsEach;
  const given = [kinds[kind].exploring, seconds && seconds * shareOfBudget, counted].filter(each => each !== undefined);
  return {
    seconds: Math.min(...given),
    ...(kind === 'simulator' && operations !== undefined && { transitions: operations }),
  };
}

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

/** What was explored, and how many seconds that took. */
export interface ExploredSuspects {
  readonly found: readonly ExploredPairs[];
  readonly seconds: number;
}

/**
 * What every sequence of two operations comes to on simulated machines, of each profile that is imitated with each of its
 * providers: one of the shortest sequences for each signature. That under test has as much of the time as it takes, the others
 * share what is left. It is kept beside the corpus until something changes that decides it; so is an exploration that was cut
 * short, and the next search goes on with it.
 */
export async function explored(
  subject: Target,
  allowed: Allowance,
  corpus: string,
  signal: AbortSignal,
  context: Context,
): Promise<ExploredSuspects> {
  const all = choicesFor(subject);
  const found: ExploredPairs[] = [];
  const missed: string[] = [];
  let milliseconds = 0;
  let { transitions = Number.POSITIVE_INFINITY } = allowed;
  const said = progressFor(context, allowed, join(dirname(corpus), '.stackfuzz'));
  for (const [at, chosen] of all.entries()) {
    const file = join(dirname(corpus), '.stackfuzz', `suspects-${nameOf(chosen)}.json`);
    const print = fingerprintOf(chosen);
    const kept = await readKept(file, print);
    if (kept !== null) {
      found.push(...kept.map(each => ({ ...pairOf(chosen), ...each })));
      continue;
    }
    const partly = file.replace(/json$/, 'state');
    const from = await readPartly(partly, chosen);
    const left = allowed.seconds * 1000 - milliseconds;
    const slice = at === 0 ? left : Math.min(left, Math.max(leastSlice, left / (all.length - at)));
    if (signal.aborted || slice <= 0 || transitions <= 0) {
      missed.push(`${chosen.profile} with ${chosen.provider}`);
      if (from !== null) found.push(...(await suspectsIn(chosen, from)).map(each => ({ ...pairOf(chosen), ...each })));
      continue;
    }
    const onProgress = said(chosen, from !== null);
    const within = { signal, milliseconds: slice, transitions, onProgress };
    const begun = Date.now();
    const { ended, standing } = await exploring(chosen, from, within);
    milliseconds += Date.now() - begun;
    transitions -= stepsTo(standing) - stepsTo(from);
    const suspects = await suspectsIn(chosen, standing);
    found.push(...suspects.map(each => ({ ...pairOf(chosen), ...each })));
    if (ended === 'complete') {
      await keeping(context, file, async () => {
        await keep(file, print, suspects);
        await dropState(partly);
      });
      continue;
    }
    missed.push(`${chosen.profile} with ${chosen.provider}`);
    await keeping(context, partly, () => keepState(partly, { chosen, depth, standing }));
  }
  said.end();
  if (missed.length > 0 && !signal.aborted)
    context.warn(
      `Not explored to the end so far: ${missed.join(', ')}. What was found until now is taken, and the next search goes on there.`,
    );
  // The last step of all may have taken longer.
  return { found, seconds: Math.min(milliseconds / 1000, allowed.seconds) };
}

/** Says once what is being done, of which exploration an earlier part is there, and how each of them stands. */
function progressFor(context: Context, allowed: Allowance, folder: string) {
  let isSaid = false;
  let shown: ReturnType<typeof exploringOn> | undefined;
  const begin = (chosen: Chosen, isLater: boolean) => {
    const { seconds, transitions } = allowed;
    const most = transitions === undefined ? `${Number(seconds.toFixed(2))} s` : count(transitions, 'operation');
    if (!isSaid)
      context.note(
        `Looking for suspects: every sequence of ${depth} operations, on simulated machines, for ${most} at most. What is found is kept in ${folder}.`,
      );
    isSaid = true;
    if (isLater)
      context.note(
        `An earlier search did not explore ${chosen.profile} with ${chosen.provider} to the end: this one goes on there.`,
      );
    shown?.end();
    shown = context.detail === 'quiet' ? undefined : exploringOn(process.stderr, depth);
    return shown?.stands;
  };
  return Object.assign(begin, { end: () => shown?.end() });
}

/** What is explored, that under test first; with the operations and promises of one's own, where there are any. */
function choicesFor(subject: Target): readonly Chosen[] {
  const { profile, provider, models, stacks } = subject;
  const own = models.length === 0 ? {} : { models: models.map(folder => resolve(folder)) };
  if (stacks !== undefined) {
    const folder = profile.imitates === null ? {} : { folder: profile.directory };
    const composeFiles = stacks.map(path => resolve(path));
    return isImitated(subject) ? [{ profile: profile.name, ...folder, provider, ...own, composeFiles }] : [];
  }
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
function nameOf({ profile, provider, folder, models = [], composeFiles = [] }: Chosen): string {
  const folders = [...(folder === undefined ? [] : [folder]), ...models, ...composeFiles];
  const own = createHash('sha256').update(JSON.stringify(folders)).digest('hex').slice(0, 8);
  return `${profile}-${provider}${folders.length === 0 ? '' : `-${own}`}`;
}

type Suspects = readonly Pick<ExploredPairs, 'signature' | 'steps'>[];

/** How far an exploration may go. */
interface Within {
  readonly signal: AbortSignal;
  readonly milliseconds: number;
  readonly transitions: number;
  readonly onProgress: ((progress: ExploreProgress) => void) | undefined;
}

/** Explores, or goes on with it: here first, and in threads where it takes long. */
async function exploring(chosen: Chosen, from: ExploreStanding | null, within: Within): Promise<ExploreOutcome> {
  const { milliseconds } = within;
  const here = alone(expander(await exploredOf(chosen), { recoverTo: -1 }));
  const begun = await exploredBy(here, from, { ...within, milliseconds: Math.min(milliseconds, aloneFor) });
  const transitions = within.transitions - (stepsTo(begun.standing) - stepsTo(from));
  if (begun.ended === 'complete' || within.signal.aborted || milliseconds <= aloneFor || transitions <= 0) return begun;
  const worker = new URL('../explore/worker.js', import.meta.url);
  const crew = threads(availableParallelism(), worker, { chosen, recoverTo: -1 });
  return exploredBy(crew, begun.standing, { ...within, milliseconds: milliseconds - aloneFor, transitions });
}

async function exploredBy(crew: Crew, from: ExploreStanding | null, within: Within): Promise<ExploreOutcome> {
  const enough = new AbortController();
  const most = stepsTo(from) + within.transitions;
  // Unlike AbortSignal.timeout it keeps the process: an operation that never ends is given up too.
  const timer = setTimeout(() => enough.abort(), within.milliseconds);
  try {
    return await exploreAll({
      depth,
      crew,
      ...(crew.size === 1 && { batch: 1 }),
      signal: AbortSignal.any([within.signal, enough.signal]),
      ...(from === null ? {} : { from }),
      onProgress(progress) {
        within.onProgress?.(progress);
        if (progress.transitions >= most) enough.abort();
      },
    });
  } finally {
    clearTimeout(timer);
    await crew.close();
  }
}

/** How many steps an exploration has made. */
const stepsTo = (standing: ExploreStanding | null): number =>
  standing?.levels.reduce((sum, { transitions }) => sum + transitions, 0) ?? 0;

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

function fingerprintOf(chosen: Chosen): string {
  const { directory, declaration } = profileOf(chosen);
  const of = fingerprint(
    ['models', 'properties', 'src/engine', 'src/hosts/simulator'],
    [directory, ...(chosen.models ?? [])],
  );
  if (chosen.composeFiles === undefined) return of;
  return `${of}-${createHash('sha256').update(JSON.stringify(declaration)).digest('hex')}`;
}
