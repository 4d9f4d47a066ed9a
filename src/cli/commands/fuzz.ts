import { randomInt } from 'node:crypto';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { withinLimits } from '../../../models/limits.ts';
import { modelOf } from '../../catalog.ts';
import { mustBeWritable } from '../../corpus/store.ts';
import { type Stage, stages } from '../../engine/schedule/slots.ts';
import { modelConfigOf } from '../../profiles/setup.ts';
import { count } from '../../reports/progress.ts';
import { mustBeReportable } from '../../reports/write.ts';
import type { Context } from '../context.ts';
import { savedTo } from '../corpora.ts';
import { exit, type Status } from '../exit.ts';
import { examples } from '../help.ts';
import { interruptible } from '../interrupt.ts';
import { type Kind, kinds } from '../kinds.ts';
import { limitsFor, noteLeftOut } from '../limits.ts';
import { mustBePossible } from '../machines.ts';
import { triedCatalog } from '../models.ts';
import { onMachines } from '../on-machines.ts';
import { addShared, kindOf, type SharedOptions, type Target, targetFor, usualSuite } from '../options.ts';
import { duration, positive, seed, shownDuration, stepsInRun } from '../values.ts';
import { conclude } from './fuzz/conclude.ts';
import { allowedFor, explored } from './fuzz/exploring.ts';
import { search } from './fuzz/search.ts';
import type { SearchPlan } from './fuzz/search-plan.ts';

interface FuzzOptions extends SharedOptions {
  readonly seed?: number;
  readonly from: number;
  readonly runs?: number;
  readonly steps: number;
  readonly budget?: number;
  readonly findings?: number;
  readonly beyondKnown?: boolean;
  readonly dryRun?: boolean;
  readonly schedule?: readonly Stage[];
}

/** New findings to end at if neither runs nor a budget are given: as many as one reads at a time. */
const usualFindings = 5;

/** `stackfuzz fuzz`: search for sequences of operations after which a machine lies. */
export function addFuzz(program: Command, context: Context): void {
  const from = new Option(
    '--from <number>',
    'number of the first run of the first stage: goes on where a search ended',
  );
  addShared(program.command('fuzz').description('do random things to machines, and find out when they lie'))
    .option('--seed <number>', 'the same seed draws the same sequences (default: a new one)', seed)
    .addOption(from.argParser(seed).default(0))
    .option('--runs <number>', 'end after this number of runs', positive)
    .option('--steps <number>', 'most operations in a run', stepsInRun, 30)
    .option('--budget <time>', 'time for searching: 90s, 10m, 1h (default: 4m on lab machines, 1m simulated)', duration)
    .option(
      '--findings <number>',
      'end after this number of new findings (default: 5, if neither runs nor budget are given)',
      positive,
    )
    .option(
      '--schedule <stages>',
      'stages of the search, separated by commas: suspects (what broke a promise anywhere), neighbours (past findings with one step changed or added), differences (what was never tried here), walks (at random) (default: suspects, differences, walks; without differences on a simulated machine)',
      stagesOf,
    )
    .option('--beyond-known', 'leave out steps that lead to known findings')
    .option('--dry-run', 'say what would be done, and to which places; change nothing')
    .addHelpText(
      'after',
      examples(
        ['fuzz', 'lab machines for four minutes, or the simulator for one'],
        ['fuzz --seed 7 --budget 10m', 'what seed 7 draws, for ten minutes'],
        ['fuzz --host simulator --runs 100', 'a hundred sequences on a simulated machine'],
        ['fuzz --profile ./mine --beyond-known', 'a profile of your own, beyond the known findings'],
        ['fuzz --report night.html --report night.xml', 'a page to read, and JUnit for a CI server'],
        ['fuzz --json report.json --quiet', 'for a program: only results'],
      ),
    )
    .action(async (given: FuzzOptions) => context.end(await fuzz(given, context)));
}

async function fuzz(given: FuzzOptions, context: Context): Promise<Status> {
  const chosen = targetFor(given);
  const kind = kindOf(given.host, context);
  const catalog = await triedCatalog(given.models, modelConfigOf(chosen));
  const limits = await limitsFor(chosen, catalog.operations);
  const model = modelOf(catalog, modelConfigOf(chosen), kind, limits);
  mustBePossible(kind, chosen);
  await mustBeReportable(given);
  await mustBeWritable(savedTo(given.corpus, kind));
  const plan = planOf(given, kind);
  // Before anything is said: whoever reads it may press Ctrl-C.
  const interrupt = interruptible(line => context.warn(line));
  context.note(
    `Fuzzing profile ${chosen.profile.name} with ${chosen.provider} on ${machinesOf(chosen, kind)}, ${bounds(plan)}.`,
  );
  const { operations, invariants } = model;
  if (limits !== undefined) noteLeftOut(withinLimits(catalog.operations, limits).leftOut, limitedBy(chosen), context);
  context.note(`${operations.size} operations, ${invariants.size} promises, seed ${plan.seed}. Ctrl-C ends it early.`);
  try {
    if (given.dryRun) return await toldOnly(chosen, [...operations.keys()], context);
    const found = plan.schedule.includes('suspects')
      ? await explored(chosen, allowedFor(kind, plan), savedTo(given.corpus, kind), interrupt.signal, context)
      : { found: [], seconds: 0 };
    const status = await onMachines({ kind, subject: chosen, given }, interrupt, context, async opened =>
      conclude(await search(model, opened, chosen, plan, interrupt.signal, context, found), context),
    );
    return status ?? exit.inconclusive;
  } finally {
    interrupt.dispose();
  }
}

/** What would be done: which operations, and what of a machine of one's own would be recorded first. */
async function toldOnly(chosen: Target, operations: readonly string[], context: Context): Promise<Status> {
  context.out(`Would do any of these operations: ${operations.join(', ')}`);
  if (chosen.own === undefined) {
    context.out('Would do them to machines that are thrown away; nothing of yours is touched.');
    return exit.held;
  }
  const { previewOf } = await import('../own.ts');
  const { lines, refused } = await previewOf(chosen);
  for (const line of lines) context.out(line);
  for (const { expected, found, next } of refused)
    context.out(`Would be refused: expected ${expected}, found ${found}\n  ${next}`, 'bad');
  context.out('Nothing was changed.');
  return refused.length === 0 ? exit.held : exit.usage;
}

/** Names of stages, in the order in which they are always gone through. */
export function stagesOf(text: string): readonly Stage[] {
  const names = text.split(',');
  const wrong = names.find(name => !stages.some(stage => stage === name));
  if (wrong !== undefined)
    throw new InvalidArgumentError(
      `Expected some of ${stages.join(',')}, but there is ${wrong === '' ? 'none' : wrong}.`,
    );
  return stages.filter(stage => names.includes(stage));
}

/** The machines, with their release where it is not the usual one. */
const machinesOf = ({ suite, own }: Target, kind: Kind): string =>
  own !== undefined
    ? `${own.name}, whose stacks under test are named ${own.prefix}…`
    : suite === usualSuite
      ? kinds[kind].words
      : `${kinds[kind].words} (${suite})`;

function planOf(given: FuzzOptions, kind: Kind): SearchPlan {
  const { from, runs, steps, budget, corpus, json, report, beyondKnown = false } = given;
  const isUsual = budget === undefined && runs === undefined;
  const seconds = isUsual ? kinds[kind].budget : budget;
  const findings = given.findings ?? (isUsual ? usualFindings : undefined);
  return {
    seed: given.seed ?? randomInt(1_000_000),
    from,
    steps,
    beyondKnown,
    schedule: given.schedule ?? kinds[kind].schedule,
    ...(corpus === undefined ? {} : { corpus }),
    ...(runs === undefined ? {} : { runs }),
    ...(seconds === undefined ? {} : { seconds }),
    ...(findings === undefined ? {} : { findings }),
    reports: { json, report },
  };
}

function bounds({ runs, seconds, findings }: SearchPlan): string {
  const words = [
    ...(runs === undefined ? [] : [count(runs, 'run')]),
    ...(seconds === undefined ? [] : [shownDuration(seconds)]),
    ...(findings === undefined ? [] : [count(findings, 'new finding')]),
  ];
  return `for ${words.join(' or ')}`;
}

/** What leaves operations out, in words. */
const limitedBy = ({ own, profile }: Target): string =>
  own === undefined ? `under profile ${profile.name}` : `on ${own.name}`;
