import type { Levers } from '../../../../models/host.ts';
import type { Observation } from '../../../../models/observation.ts';
import type { World } from '../../../../models/world.ts';
import type { Entry } from '../../../corpus/entry.ts';
import { isUnder, type Stored } from '../../../corpus/store.ts';
import { drawing } from '../../../engine/plan/random.ts';
import { runSteps } from '../../../engine/run/run.ts';
import { neighbourFeeder } from '../../../engine/schedule/neighbours.ts';
import type { Feeder } from '../../../engine/schedule/slots.ts';
import { scheduled } from '../../../engine/schedule/stages.ts';
import type { Suspect } from '../../../engine/schedule/suspects.ts';
import type { Model } from '../../../engine/types.ts';
import { isImitated, simulated } from '../../machines.ts';
import type { Target } from '../../options.ts';
import type { ExploredPairs } from './exploring.ts';
import type { SearchPlan } from './search-plan.ts';
import type { Tried } from './tried.ts';

/** What a search goes by besides its plan. */
export interface Knowledge {
  /** Every entry that there is, whatever was under test. */
  readonly entries: readonly Stored[];
  readonly explored: readonly ExploredPairs[];
  readonly tried: Tried;
}

/** What comes before the walks. */
export async function feeders(
  model: Model<World, Observation, Levers>,
  subject: Target,
  { seed, from, steps, schedule }: SearchPlan,
  { entries, explored, tried }: Knowledge,
): Promise<readonly Feeder<World, Observation>[]> {
  const suspects = schedule.includes('suspects') ? await suspectsOf(model, subject, entries, explored) : [];
  const feeding = { model, seed, steps, from: schedule[0] === 'suspects' ? from : 0, tried: tried.goals };
  // Other streams of numbers than those of any walk.
  const between = schedule.includes('neighbours')
    ? [neighbourFeeder(model, pastFindings(subject, entries), drawing(seed, -2))]
    : [];
  return scheduled(schedule, suspects, { ...feeding, between });
}

/** What broke a promise under this subject, mended or not: the shortest first. */
const pastFindings = (subject: Target, entries: readonly Stored[]): readonly Entry['steps'][] =>
  entries
    .filter(({ entry }) => isUnder(entry, { ...subject, profile: subject.profile.name }))
    .map(({ entry }) => entry.steps)
    .sort((one, other) => one.length - other.length);

/** What broke a promise anywhere, and whether it does here: asked of the simulator, where there is one, else of the corpus. */
async function suspectsOf(
  model: Model<World, Observation, Levers>,
  subject: Target,
  entries: readonly Stored[],
  explored: readonly ExploredPairs[],
): Promise<readonly Suspect[]> {
  const under = { ...subject, profile: subject.profile.name };
  // What was found with other compose files names services that are not here.
  const isOfTheseStacks = ({ entry }: Stored): boolean =>
    entry.stacks === undefined || String(entry.stacks) === String(subject.stacks);
  const inCorpus = new Set(entries.map(({ entry }) => `${entry.profile} ${entry.signature}`));
  const all: Suspect[] = [
    ...entries.filter(isOfTheseStacks).map(({ entry }) => ({
      steps: entry.steps,
      breaks: entry.expect === 'violated' && isUnder(entry, under),
    })),
    // Of what the corpus holds the entry is done.
    ...explored.filter(({ profile, signature }) => !inCorpus.has(`${profile} ${signature}`)),
  ].filter(({ steps }) => steps.length > 0);
  if (!isImitated(subject)) return all;
  const host = simulated(subject);
  const asked: Suspect[] = [];
  for (const { steps } of all) {
    const { verdict } = await runSteps(model, host, steps, { evidence: false });
    asked.push({ steps, breaks: verdict.kind === 'violated' });
  }
  return asked;
}
