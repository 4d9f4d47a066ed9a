import type { Host, Levers } from '../../../../models/host.ts';
import type { Observation } from '../../../../models/observation.ts';
import { type Step, underCurrentNames } from '../../../../models/operation.ts';
import { whyNotSimulated } from '../../../../models/role.ts';
import type { World } from '../../../../models/world.ts';
import type { Entry } from '../../../corpus/entry.ts';
import { staleBecause } from '../../../corpus/stale.ts';
import type { Stored } from '../../../corpus/store.ts';
import { operationsOf, type RunOptions, runSteps } from '../../../engine/run/run.ts';
import { confirm, exactly } from '../../../engine/session/confirm.ts';
import type { Model, Run } from '../../../engine/types.ts';
import { explain, stepWords, type Tellers } from '../../../reports/explain.ts';
import { exit, type Status } from '../../exit.ts';
import { type Kind, kinds } from '../../kinds.ts';

/** The result of replaying an entry. */
export interface Replayed {
  readonly path: string;
  readonly expect: 'violated' | 'held';
  readonly outcome: 'violated' | 'other' | 'held' | 'stale' | 'inconclusive' | 'not applicable';
  /** The same as a sentence. */
  readonly words: string;
  readonly status: Status;
  readonly operations: number;
  /** Seconds that it took; absent where it was not replayed. */
  readonly seconds?: number;
  /** Who accepted the violation, until when and why. */
  readonly waiver?: string;
}

/** How an entry is replayed, and what observes it. */
interface ReplayOptions extends Pick<RunOptions, 'onBegin' | 'onOperation'> {
  readonly kind: Kind;
  readonly signal: AbortSignal;
  readonly evidence?: boolean;
}

/** Does an entry's steps on a machine, a fresh one each time, until the result is clear. */
export async function replayOn(
  model: Model<World, Observation, Levers>,
  host: Host,
  { path, entry }: Pick<Stored, 'path' | 'entry'>,
  { kind, evidence = false, ...watched }: ReplayOptions,
): Promise<Replayed & { readonly run?: Run<World, Observation> }> {
  const { expect, steps, signature } = entry;
  const stale = staleBecause(model, steps);
  if (stale !== null) return { path, expect, operations: 0, ...outcomeOf.stale(stale) };
  const labOnly = kind === 'simulator' ? labOnlyOf(model.operations, steps) : null;
  if (labOnly !== null) return notReplayed({ path, entry }, labOnly);
  let operations = 0;
  const { shows } = entry;
  // A race is run as often as when it was measured, to measure it again.
  const of = shows === undefined ? (expect === 'violated' ? kinds[kind].tries : 1) : shows.of;
  const asked = shows === undefined ? { need: 1, of } : { need: of, of, whole: true as const };
  const {
    last,
    run: shown,
    ...counts
  } = await confirm(steps, exactly(signature), asked, async again => {
    const run = await runSteps(model, host, again, { ...watched, evidence });
    operations += operationsOf(run);
    return run;
  });
  const run = (shows && shown) ?? (last as Run<World, Observation>);
  if (shows !== undefined) return { path, expect, operations, run, ...cameAndWent(run, entry, shows, counts) };
  return { path, expect, operations, run, ...cameOut(model, run, entry) };
}

/** The same where the violation is waived: it is reported, and does not count. */
export function withWaiver(replayed: Replayed, waiver: string | null): Replayed {
  if (waiver === null) return replayed;
  const status = replayed.status === exit.violated ? exit.held : replayed.status;
  return { ...replayed, waiver, status, words: `${replayed.words}; ${waiver}` };
}

/** An entry as a machine has just shown it, with this machine's versions and details, whichever machine it was found on. */
export function shownHere(
  entry: Entry,
  { verdict, taken }: Run<World, Observation>,
  { host, versions, operations }: { host: string; versions: Entry['versions']; operations: Tellers },
): Omit<Entry, 'evidence'> {
  if (verdict.kind !== 'violated') throw new Error('only what was violated is kept');
  const { evidence: _, ...rest } = entry;
  const { invariant, promise, details } = verdict.violation;
  const begin = entry.explanation.indexOf('Why these steps:');
  const why = begin < 0 ? [] : entry.explanation.slice(begin);
  const stepWords = explain(operations, verdict.violation, taken, { ...entry, host });
  const on = entry.found.on ?? entry.host;
  const found = { ...entry.found, ...(on !== host && { on }) };
  const seen = {
    invariant,
    promise,
    details: [...details],
    host,
    versions,
    explanation: [...stepWords, ...why],
    found,
  };
  return { ...rest, ...seen };
}

/** Why the simulator cannot do these steps, or null where it can. */
export function labOnlyOf(operations: Model<World, Observation, Levers>['operations'], steps: readonly Step[]) {
  for (const { operation } of underCurrentNames(operations, steps)) {
    const why = whyNotSimulated(operations.get(operation)?.needs ?? []);
    if (why !== undefined) return `only a lab machine does ${operation}: ${why}; --host lab`;
  }
  return null;
}

/** The result of an entry that was not named and that these machines cannot show: no verdict. */
export function leftOut({ path, entry }: Pick<Stored, 'path' | 'entry'>, reason: string): Replayed {
  const words = `not applicable: ${reason}`;
  return { path, expect: entry.expect, outcome: 'not applicable', words, status: exit.held, operations: 0 };
}

/** The result of an entry for which there was no machine. */
export function notReplayed({ path, entry }: Pick<Stored, 'path' | 'entry'>, reason: string): Replayed {
  const words = `inconclusive: ${reason}`;
  return { path, expect: entry.expect, outcome: 'inconclusive', words, status: exit.inconclusive, operations: 0 };
}

type Came = Pick<Replayed, 'outcome' | 'words' | 'status'>;

const outcomeOf = {
  stale: (reason: string): Came => ({ outcome: 'stale', words: `stale: ${reason}`, status: exit.inconclusive }),
};

/** The result of an entry that shows only in some runs: that it did not show says little. */
function cameAndWent(
  { verdict }: Pick<Run<World, Observation>, 'verdict'>,
  { expect, signature }: Pick<Entry, 'expect' | 'signature'>,
  was: NonNullable<Entry['shows']>,
  { shown, of }: { readonly shown: number; readonly of: number },
): Came {
  const rate = `${shown} of ${of} runs, ${was.times} of ${was.of} when it was found`;
  if (shown > 0) {
    const words = `showed in ${rate}: it comes and goes`;
    return { outcome: 'violated', words, status: expect === 'violated' ? exit.held : exit.violated };
  }
  if (verdict.kind === 'violated' && verdict.violation.signature !== signature) {
    const { violation } = verdict;
    const words = `another violation, ${violation.signature}: ${violation.details.join('; ')}`;
    return { outcome: 'other', words, status: exit.violated };
  }
  if (of > 0 && expect === 'held') return { outcome: 'held', words: `did not show in ${of} runs`, status: exit.held };
  return { outcome: 'inconclusive', words: `inconclusive: showed in ${rate}`, status: exit.inconclusive };
}

/** Compares a run with what its entry expects. */
function cameOut(
  model: Model<World, Observation, Levers>,
  run: Pick<Run<World, Observation>, 'verdict' | 'taken'>,
  entry: Pick<Stored['entry'], 'expect' | 'signature'>,
): Came {
  const { verdict, taken } = run;
  const { expect } = entry;
  if (verdict.kind === 'inconclusive') {
    if (verdict.cause === 'crash') {
      return { outcome: 'inconclusive', words: `stackfuzz crashed: ${verdict.reason}`, status: exit.crashed };
    }
    return { outcome: 'inconclusive', words: `inconclusive: ${verdict.reason}`, status: exit.inconclusive };
  }
  if (verdict.kind === 'violated') {
    const { signature, details } = verdict.violation;
    const same = signature === entry.signature;
    const words = same ? sameWords[expect] : `another violation, ${signature}: ${details.join('; ')}`;
    const status = same && expect === 'violated' ? exit.held : exit.violated;
    return { outcome: same ? 'violated' : 'other', words, status };
  }
  const skipped = taken.findIndex(each => each.skipped);
  if (skipped >= 0) {
    const what = stepWords(model.operations, (taken[skipped] as (typeof taken)[number]).step);
    return outcomeOf.stale(`step ${skipped + 1}, "${what}", was no longer possible when its turn came`);
  }
  return { outcome: 'held', words: heldWords[expect], status: expect === 'held' ? exit.held : exit.violated };
}

const sameWords = {
  violated: 'still violated, as expected',
  held: 'violated again, though it is expected to hold',
} as const;

const heldWords = {
  held: 'held, as expected',
  violated: 'now held, though it is expected to be violated; where it was mended, set "expect" to "held"',
} as const;
