import { beyondLimitsOf, type MachineLimits } from '../../../../models/limits.ts';
import { type Catalog, modelOf } from '../../../catalog.ts';
import { type Entry, suiteOf } from '../../../corpus/entry.ts';
import { mendEvidence, type Stored, saveEntry } from '../../../corpus/store.ts';
import { Problem } from '../../../problem.ts';
import { modelConfigOf } from '../../../profiles/setup.ts';
import { stopwatch, storyOf, timing } from '../../../reports/story.ts';
import { NoReader } from '../../../stacks/provider.ts';
import type { Context } from '../../context.ts';
import { toneOf } from '../../exit.ts';
import { stateWords } from '../../findings.ts';
import type { Interrupt } from '../../interrupt.ts';
import type { Kind } from '../../kinds.ts';
import { isImitated, type Opened } from '../../machines.ts';
import { onMachines } from '../../on-machines.ts';
import {
  ownOf,
  type SharedOptions,
  stacksIn,
  suiteIn,
  type Target,
  targetFor,
  targetOfEntry,
  usualSuite,
} from '../../options.ts';
import { usualLabs } from '../../usual-labs.ts';
import type { Accepted } from '../../waiving.ts';
import { labOnlyOf, leftOut, notReplayed, type Replayed, replayOn, shownHere, withWaiver } from './replay-one.ts';
import type { Came } from './report.ts';

/** The entries that need what a machine of the user's own cannot or must not do. */
export const beyondLimits = (
  stored: readonly Stored[],
  { operations }: Catalog,
  limits: MachineLimits,
): readonly Replayed[] =>
  stored.flatMap(each => {
    const reason = beyondLimitsOf(limits, operations, each.entry.steps);
    return reason === null ? [] : [leftOut(each, reason)];
  });

/** The entries that the simulator cannot show, each with the reason. */
export function beyondSimulator(
  chosen: Target,
  stored: readonly Stored[],
  { operations }: Catalog,
): readonly Replayed[] {
  const whole = isImitated(chosen) ? null : notImitated(chosen);
  return stored.flatMap(each => {
    const reason = whole ?? labOnlyOf(operations, each.entry.steps);
    return reason === null ? [] : [leftOut(each, reason)];
  });
}

const notImitated = ({ profile, suite }: Target): string =>
  `the simulator does not imitate ${suite === usualSuite ? `profile ${profile.name}` : suite}: --host lab`;

/** The options of `stackfuzz replay`. */
export interface ReplayOptions extends SharedOptions {
  /** A corpus into which everything that shows is copied: the simulator proposes, and a lab machine confirms. */
  readonly keep?: string;
}

/** Entries of one target. */
export interface ReplayGroup {
  readonly chosen: Target;
  readonly stored: Stored[];
}

/**
 * Entries of one profile, provider and release share their machines. The unusable ones are said; of the unread ones there is nothing
 * here that reads their compose files.
 */
export function groupsOf(
  entries: readonly Stored[],
  given: SharedOptions,
): { groups: ReplayGroup[]; unusable: string[]; unread: Stored[] } {
  const groups = new Map<string, ReplayGroup>();
  const unusable: string[] = [];
  const unread: Stored[] = [];
  const isOwn = ownOf(given) !== undefined;
  for (const stored of entries) {
    const { entry } = stored;
    const names = [
      given.profile ?? entry.profile,
      given.provider ?? entry.provider,
      given.suite ?? suiteOf(entry),
      given.stacks ?? entry.stacks,
      given.homeManager ?? entry.homeManager,
    ];
    // A machine of the user's own has one profile.
    const key = isOwn ? '' : JSON.stringify(names);
    try {
      const group = groups.get(key) ?? { chosen: isOwn ? targetFor(given) : targetOfEntry(stored, given), stored: [] };
      groups.set(key, group);
      group.stored.push(stored);
    } catch (error) {
      if (error instanceof NoReader) {
        unread.push(stored);
        continue;
      }
      if (!(error instanceof Problem)) throw error;
      unusable.push(
        `${stored.path}: ${entry.stacks === undefined ? 'its profile' : `its profile, or its compose files (--stacks names others),`} cannot be used\n  ${error.message}`,
      );
    }
  }
  return { groups: [...groups.values()], unusable, unread };
}

interface GroupRun extends ReplayGroup {
  readonly catalog: Catalog;
  readonly kind: Kind;
  readonly given: ReplayOptions;
  readonly accepted: Accepted;
  /** Called with the versions under test, once a machine is there. */
  readonly on: (versions: Opened['versions']) => void;
  readonly limits: MachineLimits | undefined;
}

/** Replays a group's entries; each machine takes the next one. */
export async function replayGroup(group: GroupRun, interrupt: Interrupt, context: Context): Promise<readonly Came[]> {
  const { chosen, stored, given } = group;
  const { profile, provider, suite } = chosen;
  if (group.kind === 'simulator' && !isImitated(chosen)) {
    const all = stored.map(each => notReplayed(each, notImitated(chosen)));
    for (const { path, words } of all) context.out(`${path}: ${words}`);
    return all;
  }
  const model = modelOf(group.catalog, modelConfigOf(chosen), group.kind, group.limits);
  const entries = stored.length === 1 ? '1 entry' : `${stored.length} entries`;
  context.note(
    `Replaying ${entries}: profile ${profile.name}, ${provider}, on ${chosen.own?.name ?? `the ${group.kind}`}${suite === usualSuite ? '' : ` (${suite})`}.`,
  );
  const wanted = {
    kind: group.kind,
    subject: chosen,
    given: { ...given, labs: Math.min(given.labs ?? usualLabs(), stored.length) },
  };
  const done = await onMachines(wanted, interrupt, context, async ({ kind, name, hosts, versions }) => {
    group.on(versions);
    const all: Came[] = [];
    const waiting = [...stored];
    const work = async (host: (typeof hosts)[number]): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined && !interrupt.signal.aborted; next = waiting.shift()) {
        const mends = next.missing !== undefined && next.entry.host === name;
        const clock = stopwatch();
        const start = performance.now();
        const { run, ...came } = await replayOn(model, host, next, {
          ...timing(clock),
          kind,
          signal: interrupt.signal,
          evidence: given.keep !== undefined || mends,
        });
        const verdict = run?.verdict;
        const { steps } = next.entry;
        const stacks = given.stacks === undefined ? stacksIn(next.entry) : stacksIn(chosen);
        const under = { profile: profile.name, provider, ...suiteIn(chosen), ...stacks, host: name, steps };
        const waiver = verdict?.kind === 'violated' ? group.accepted({ ...verdict.violation, ...under }) : null;
        const took = { seconds: Math.round(performance.now() - start) / 1000 };
        const replayed = { ...withWaiver(came, waiver), ...took };
        if (interrupt.signal.aborted && replayed.outcome === 'inconclusive') continue; // it was cut short
        context.out(`${replayed.path}: ${replayed.words}`, toneOf[replayed.status]);
        const shown = run !== undefined && replayed.outcome === 'violated' ? run : null;
        const { suite: _, alsoWith: __, stacks: ___, ...known } = next.entry;
        const entry = { ...known, profile: profile.name, provider, ...suiteIn(chosen), ...stacks };
        const here = shown && shownHere(entry, shown, { host: name, versions, operations: group.catalog.operations });
        if (context.detail === 'verbose') {
          // A machine of one's own tells what it has shown itself, and not what another one did.
          context.out(
            (kind === 'own' && here !== null ? here : next.entry).explanation.map(line => `    ${line}`).join('\n'),
          );
        }
        const story = run && storyOf(group.catalog.operations, run, clock);
        const violation = verdict?.kind === 'violated' ? verdict.violation : undefined;
        all.push({ ...replayed, ...(story && { story }), ...(violation && { violation }) });
        if (next.missing !== undefined) await mend(next, mends ? shown?.evidence : undefined, context);
        if (given.keep !== undefined && shown !== null && here !== null)
          await keepIn(given.keep, here, shown.evidence, context);
      }
    };
    await Promise.all(hosts.map(work));
    return all;
  });
  if (done !== null) return done;
  return interrupt.signal.aborted ? [] : stored.map(each => notReplayed(each, 'no machine could be opened'));
}

/** Reports missing evidence; if the finding has just shown again on machines of the same kind, it is written again. */
async function mend(stored: Stored, evidence: string | undefined, context: Context): Promise<void> {
  const { missing, entry } = stored;
  try {
    const mended = evidence === undefined ? null : await mendEvidence(stored, evidence);
    if (mended !== null) return context.out(`  its evidence was missing, and is there now: ${mended}`);
  } catch (error) {
    return context.warn(`  its evidence is missing, and cannot be written: ${missing} (${(error as Error).message})`);
  }
  context.warn(
    `  its evidence is missing: ${missing}\n  A replay on the ${entry.host} that shows it again writes it anew.`,
  );
}

/** Saves what showed in another corpus; if that fails, the verdict is not affected. */
async function keepIn(
  folder: string,
  entry: Omit<Entry, 'evidence'>,
  evidence: string | undefined,
  context: Context,
): Promise<void> {
  try {
    const { path, state } = await saveEntry(folder, entry, evidence);
    context.out(`  ${state === 'saved' ? 'kept' : lowered(stateWords[state])}: ${path}`);
  } catch (error) {
    context.warn(
      `  It cannot be kept in ${folder} (${(error as Error).message}). Here it is, to be saved by hand:\n${JSON.stringify(entry)}`,
    );
  }
}

const lowered = (words: string): string => `${words.charAt(0).toLowerCase()}${words.slice(1)}`;
