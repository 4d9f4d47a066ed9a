import type { Levers } from '../../../../models/host.ts';
import type { Observation } from '../../../../models/observation.ts';
import type { World } from '../../../../models/world.ts';
import { isUnder, readCorpus, type Stored } from '../../../corpus/store.ts';
import { find } from '../../../engine/session/find.ts';
import type { Session } from '../../../engine/session/session.ts';
import type { Model } from '../../../engine/types.ts';
import { progressOn, silent } from '../../../reports/progress.ts';
import { promisesOf } from '../../../reports/story.ts';
import type { Tone } from '../../../reports/terminal.ts';
import { type Waiver, warnings } from '../../../triage/waivers.ts';
import type { Context } from '../../context.ts';
import { knownFrom, savedTo } from '../../corpora.ts';
import { keeper, type SavedFinding } from '../../findings.ts';
import { isImitated, type Opened, simulated } from '../../machines.ts';
import type { Target } from '../../options.ts';
import { waiversIn } from '../../waiving.ts';
import { crashKeeper, type KeptCrash } from './crashes.ts';
import type { ExploredSuspects } from './exploring.ts';
import type { SearchPlan } from './search-plan.ts';
import { feeders } from './stages.ts';
import { type Stories, storyKeeper } from './stories.ts';
import { keepTried, readTried, type Tried, triedFile, triedIn, triedTogether } from './tried.ts';
import { unexplainedFindings } from './unexplained.ts';
import { watching } from './watch.ts';

/** What came of a search. */
export interface Searched {
  readonly session: Session<World, Observation>;
  /** Whether it was ended before its time: by Ctrl-C, or because no machine is left. */
  readonly isStopped: boolean;
  /** What was ever tried on such machines, this session included. */
  readonly tried: Tried;
  readonly kept: readonly SavedFinding[];
  /** Entries of the corpus that a search may meet without finding anything new. */
  readonly known: readonly Stored[];
  /** Every entry of these folders, whatever was under test. */
  readonly entries: readonly Stored[];
  readonly waivers: readonly Waiver[];
  readonly plan: SearchPlan;
  readonly subject: Target;
  readonly opened: Opened;
  readonly seconds: number;
  /** When it began, in milliseconds since 1970. */
  readonly begun: number;
  readonly stories: Stories;
  /** The promises that were asked, by name. */
  readonly promises: Readonly<Record<string, string>>;
  /** Faults of stackfuzz itself. */
  readonly crashes: readonly KeptCrash[];
  /** Folder with what machines said in runs that are no findings. */
  readonly unexplained: string | undefined;
}

/** Searches with what was opened, showing how it goes, and saves each finding as soon as it is made. */
export async function search(
  model: Model<World, Observation, Levers>,
  opened: Opened,
  subject: Target,
  plan: SearchPlan,
  signal: AbortSignal,
  context: Context,
  { found, seconds: spent }: ExploredSuspects,
): Promise<Searched> {
  const folders = knownFrom(plan.corpus, opened.kind);
  const entries = await entriesIn(folders, context);
  const known = knownOf(subject, entries);
  const waivers = await waiversIn(folders, entries, model.invariants);
  for (const line of warnings(
    waivers,
    entries.map(({ entry }) => entry),
    new Date(),
  ))
    context.warn(line);
  const { operations } = model;
  const { seed, schedule } = plan;
  const corpus = savedTo(plan.corpus, opened.kind);
  const file = triedFile(corpus, opened.name, subject);
  const before = await readTried(file, subject);
  const stages = await feeders(model, subject, plan, { entries, explored: found, tried: before });
  const begun = Date.now();
  const { runs } = plan;
  const left = plan.seconds === undefined ? {} : { seconds: plan.seconds - spent };
  const progress = context.detail === 'quiet' ? silent : progressOn(process.stderr, Date.now, { runs, ...left });
  const say = (line: string, tone?: Tone): void => {
    progress.end();
    context.out(line, tone);
  };
  const detail = (line: string): void => {
    if (context.detail !== 'verbose') return;
    progress.end();
    context.note(line);
  };
  const findings = keeper({ operations, corpus, seed, opened, subject, say });
  const warn = (line: string): void => {
    progress.end();
    context.warn(line);
  };
  const others = unexplainedFindings(warn);
  const crashes = crashKeeper(seed, say);
  const stories = storyKeeper(operations);
  const session = await find({
    model,
    machines: opened.hosts,
    seed,
    from: schedule[0] === 'walks' ? plan.from : 0,
    before: stages,
    walks: schedule.includes('walks'),
    size: { maxSteps: plan.steps },
    ...(plan.runs === undefined ? {} : { runs: plan.runs }),
    ...(plan.seconds === undefined ? {} : { budget: { seconds: plan.seconds } }),
    begun: begun - 1000 * spent,
    ...(plan.findings === undefined ? {} : { findings: plan.findings }),
    ...(isImitated(subject) ? { simulator: () => simulated(subject) } : {}),
    deterministic: opened.kind === 'simulator',
    known: new Set(known.map(({ entry }) => entry.signature)),
    knownSteps: known.map(({ entry }) => entry.steps),
    // A known finding is told by the suspects; what comes after them gets past it.
    beyondKnown: plan.beyondKnown || (schedule.includes('suspects') && 'after suspects'),
    signal,
    hooks: stories.over(
      watching(
        ...([operations, progress, findings, others, crashes, warn, known, detail] as const),
        context.detail === 'quiet',
        opened.name,
      ),
    ),
  }).finally(progress.end);
  const seconds = (Date.now() - begun) / 1000;
  return {
    session,
    isStopped: signal.aborted,
    tried: await triedWith(file, subject, before, session, context),
    kept: await findings.kept(),
    known,
    entries,
    waivers,
    plan,
    subject,
    opened,
    seconds,
    begun,
    stories,
    promises: promisesOf(model.invariants),
    crashes: crashes.all(),
    unexplained: others.folder(),
  };
}

/** What was ever tried, kept for the next search; where it cannot be kept, that is said. */
async function triedWith(
  file: string,
  subject: Target,
  before: Tried,
  session: Session<World, Observation>,
  context: Context,
): Promise<Tried> {
  const now = triedIn(session);
  try {
    if (session.operations > 0) return await keepTried(file, subject, now);
  } catch (error) {
    context.warn(`What was tried is not kept in ${file}: ${(error as Error).message}`);
  }
  return triedTogether(before, now);
}

/** What stands in the folders; a file that cannot be read is told of. */
async function entriesIn(folders: readonly string[], context: Context): Promise<readonly Stored[]> {
  const all = await Promise.all(folders.map(readCorpus));
  for (const { message } of all.flatMap(({ problems }) => problems)) context.warn(`Not taken into account: ${message}`);
  return all.flatMap(corpus => corpus.entries);
}

/** What the corpus says of this subject and is not mended yet: one that should hold by now is news. */
const knownOf = (subject: Target, entries: readonly Stored[]): readonly Stored[] =>
  entries.filter(
    ({ entry }) => entry.expect === 'violated' && isUnder(entry, { ...subject, profile: subject.profile.name }),
  );
