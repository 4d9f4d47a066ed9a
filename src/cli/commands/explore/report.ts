import type { Levers } from '../../../../models/host.ts';
import type { Observation } from '../../../../models/observation.ts';
import type { Step } from '../../../../models/operation.ts';
import type { World } from '../../../../models/world.ts';
import type { ExploreOutcome } from '../../../engine/explore/search.ts';
import type { Explored } from '../../../engine/explore/simulation.ts';
import type { Simulated } from '../../../hosts/simulator/simulation.ts';
import { explain, stepWords, type Tellers } from '../../../reports/explain.ts';
import { clock, count } from '../../../reports/progress.ts';
import { promisesOf, storyOf } from '../../../reports/story.ts';
import { why } from '../../../reports/why.ts';
import { writeReports } from '../../../reports/write.ts';
import type { Context } from '../../context.ts';
import { exit, type Status, toneOf, verdictWord } from '../../exit.ts';
import { catalogOf } from '../../models.ts';
import { version } from '../../package.ts';
import type { Found } from './counterexamples.ts';
import type { Chosen } from './explored.ts';
import type { ExploreOptions } from './options.ts';

/** The results of the counterexamples on lab machines. */
export interface Shown {
  /** Files of the corpus by signature, and the words for those that did not show. */
  readonly saved: ReadonlyMap<string, string>;
  readonly differences: readonly string[];
  /** Signatures without a verdict. */
  readonly untold: readonly string[];
}

/** The result of an exploration. */
export interface Exploration {
  readonly outcome: ExploreOutcome;
  readonly found: Found;
  readonly shown: Shown | null;
  readonly chosen: Chosen;
  readonly depth: number;
  readonly time: { readonly seconds: number; readonly processor: number };
  readonly given: ExploreOptions;
  readonly explored: Explored<Simulated, World, Observation, Levers>;
}

/** Prints the result, beginning with what a pass does not cover. */
export async function concludeExploration(all: Exploration, context: Context): Promise<Status> {
  const { outcome, found, shown, chosen, depth, time, given, explored } = all;
  const { standing, ended } = outcome;
  const { operations } = explored.model;
  // A recovery may use operations that were not chosen.
  const tellers = (await catalogOf(chosen.models)).operations;
  const levels = standing.levels.slice(0, depth + 1);
  const transitions = levels.reduce((sum, level) => sum + level.transitions, 0);
  const states = levels.reduce((sum, level) => sum + level.states, 0);
  const never = [...operations.keys()].filter(name => (standing.went[name]?.succeeded ?? 0) === 0);
  const neverFailed = [...operations]
    .filter(([name, { kind }]) => kind === 'command' && (standing.went[name]?.failed ?? 0) === 0)
    .map(([name]) => name);
  const unreached = [...(explored.interesting?.keys() ?? [])].filter(name => !standing.reached.includes(name));
  const direct = found.violated.filter(({ byRecovery }) => !byRecovery).length;
  const more = found.violated.length - direct + found.stuck.length;
  const status = statusOf(all);
  const { profile, provider, composeFiles: stacks } = chosen;
  const where = { profile, provider, stacks, host: 'simulator' };
  const lines = [
    ...list('Never succeeded', never),
    ...list('Never failed with a reason', neverFailed),
    ...list('Never reached', unreached),
    '',
    ...found.violated.flatMap(({ violation, run, byRecovery }) => [
      ...(byRecovery ? ['Met on the way back, by what an operator would do to recover:'] : []),
      ...explain(tellers, violation, run.taken, where),
      ...(shown?.saved.has(violation.signature)
        ? [`Shown on ${given.host ?? 'a lab machine'}: ${shown.saved.get(violation.signature)}`]
        : []),
      '',
    ]),
    ...found.stuck.flatMap(({ signature, steps, remedies }) => [
      `No way back: ${signature}`,
      ...numbered(tellers, [...steps, ...remedies]),
      '',
    ]),
    ...found.sick.flatMap(({ signature, steps }) => [
      `Nothing can be said: ${signature}`,
      ...numbered(tellers, steps),
      '',
    ]),
    ...(shown?.differences ?? []),
    `${verdictWord(status)}: ${count(states, 'state')}, ${count(transitions, 'transition')} to depth ${depth}${endings[ended]} in ${clock(time.seconds)} (${time.processor.toFixed(1)} s of processor time, ${number(Math.round((transitions + standing.recoverySteps) / Math.max(time.processor, 0.001)))} steps a second of it, recoveries included)`,
    ...levels.map(
      (level, at) => `  depth ${at}: ${count(level.states, 'state')}, ${count(level.transitions, 'transition')}`,
    ),
    `${count(direct, 'signature')} of broken promises; recoveries of ${count(standing.recoverySteps, 'step')} from every state to depth 2${more === 0 ? ' met nothing else' : ` met ${more} more`}`,
  ];
  const [headline = '', ...rest] = lines;
  context.out(headline, status === exit.held ? 'good' : toneOf[status]);
  if (rest.length > 0) context.out(rest.join('\n'));
  await writeReports(
    given,
    {
      format: 1,
      command: 'explore',
      status,
      verdict: verdictWord(status),
      began: new Date(Date.now() - time.seconds * 1000).toISOString(),
      stackfuzz: version(),
      host: 'simulator',
      seconds: time.seconds,
      processorSeconds: time.processor,
      operations: transitions,
      profile: chosen.profile,
      provider: chosen.provider,
      ...(chosen.composeFiles === undefined ? {} : { stacks: [...chosen.composeFiles] }),
      depth,
      ended,
      states,
      transitions,
      levels,
      never,
      neverFailed,
      unreached,
      findings: found.violated.map(({ violation, steps, run, explanation, byRecovery }) => ({
        invariant: violation.invariant,
        promise: violation.promise,
        signature: violation.signature,
        details: violation.details,
        steps,
        byRecovery,
        ...(shown === null ? {} : { entry: shown.saved.get(violation.signature) ?? null }),
        explanation: [...explain(tellers, violation, run.taken, where), ...why(tellers, explanation)],
        story: storyOf(tellers, run),
      })),
      promises: promisesOf(explored.model.invariants),
      coverage: standing.went,
      neverTried: [...operations.keys()].filter(name => standing.went[name] === undefined),
      neverSucceeded: never,
      stuck: found.stuck,
      inconclusive: found.sick,
      differences: shown?.differences ?? [],
    },
    line => context.warn(line),
  );
  return status;
}

function statusOf({ outcome, found, shown }: Exploration): Status {
  if (shown !== null && (shown.differences.length > 0 || shown.untold.length > 0)) return exit.inconclusive;
  if (found.violated.length > 0 || found.stuck.length > 0) return exit.violated;
  const nothing = outcome.standing.levels.every(({ transitions }) => transitions === 0);
  return outcome.ended !== 'complete' || found.sick.length > 0 || nothing ? exit.inconclusive : exit.held;
}

const endings: Readonly<Record<ExploreOutcome['ended'], string>> = {
  complete: '',
  stopped: ', ended by the operator',
  full: ', ended since memory was full',
};

const list = (what: string, names: readonly string[]): readonly string[] =>
  names.length === 0 ? [] : [`${what}: ${names.join(', ')}`];

const numbered = (operations: Tellers, steps: readonly Step[]): readonly string[] =>
  steps.map((step, index) => `  ${index + 1}. ${stepWords(operations, step)}`);

const number = (value: number): string => value.toLocaleString('en-US');
