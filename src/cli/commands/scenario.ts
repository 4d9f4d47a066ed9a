import { join } from 'node:path';
import type { Command } from 'commander';
import { beyondLimitsOf } from '../../../models/limits.ts';
import type { Scenario } from '../../../models/scenario.ts';
import { modelOf } from '../../catalog.ts';
import { mustBeWritable } from '../../corpus/store.ts';
import { runSteps } from '../../engine/run/run.ts';
import { makeFolder, unwritable } from '../../files.ts';
import { Problem } from '../../problem.ts';
import { modelConfigOf } from '../../profiles/setup.ts';
import { redacted } from '../../redact.ts';
import { doneWords, explain } from '../../reports/explain.ts';
import { type CaseRecord, caseRecord, type Ending, endingOf, recordOf } from '../../reports/record.ts';
import type { Report, ReportedFinding } from '../../reports/report.ts';
import { coverageIn, promisesOf, stopwatch, storyOf, timing } from '../../reports/story.ts';
import { mustBeReportable, writeReports, writtenOrTold } from '../../reports/write.ts';
import { visible } from '../../visible.ts';
import { commandLine } from '../commands.ts';
import type { Context } from '../context.ts';
import { readFrom } from '../corpora.ts';
import { exit, type Status, toneOf, verdictWord, worst } from '../exit.ts';
import { examples } from '../help.ts';
import { interruptible } from '../interrupt.ts';
import { limitsFor } from '../limits.ts';
import type { Opened } from '../machines.ts';
import { modelsFlags, triedCatalog } from '../models.ts';
import { onMachines } from '../on-machines.ts';
import { addMachines, addReports, kindOf, type SharedOptions, stacksIn, suiteIn, targetFor } from '../options.ts';
import { version } from '../package.ts';
import { acceptedIn } from '../waiving.ts';
import { chosen, mustKnow, withCases } from './scenario/cases.ts';
import { keepCase } from './scenario/keep.ts';

interface ScenarioOptions extends Omit<SharedOptions, 'labs'> {
  readonly out: string;
  /** Words in the names of the wanted cases. */
  readonly case?: string;
  /** A corpus in which what the cases break is saved, shrunk. */
  readonly keep?: string;
}

/** The default folder of the records. */
const usualOut = 'records';

/** `stackfuzz scenario`: run scenarios of the plan, and write a record of each. */
export function addScenario(program: Command, context: Context): void {
  addReports(
    addMachines(program.command('scenario').description("run scenarios of the plan, and write each one's record")),
  )
    .argument('[name...]', 'scenarios, such as S05 (default: all)')
    .addHelpText(
      'after',
      examples(
        ['scenario S05', 'one scenario'],
        ['scenario all --profile hardened', 'all of them under another profile'],
        ['scenario all --report plan.html --report plan.xml', 'one page about all of them, and JUnit'],
        ['scenario S03 --case twice --keep corpus', 'one of its cases; a finding goes to the corpus'],
      ),
    )
    .option('--case <words>', 'only cases with these words in their name')
    .option('--out <dir>', 'folder that the records go to', usualOut)
    .option('--corpus <dir>', 'folder of the corpus with the waivers (default: corpus)')
    .option('--keep <dir>', 'also shrink and confirm what a case breaks, and save it to this corpus')
    .action(async (names: string[], given: ScenarioOptions) => context.end(await scenarios(names, given, context)));
}

async function scenarios(names: readonly string[], given: ScenarioOptions, context: Context): Promise<Status> {
  const tested = targetFor(given);
  const catalog = await triedCatalog(given.models, modelConfigOf(tested));
  const wanted = withCases(chosen(catalog.scenarios, names), given.case, modelConfigOf(tested));
  const kind = kindOf(given.host, context);
  for (const one of wanted) mustKnow(catalog.operations, one, modelConfigOf(tested));
  await mustTakeRecords(given.out);
  await mustBeReportable(given);
  if (given.keep !== undefined) await mustBeWritable(given.keep);
  const limits = await limitsFor(tested, catalog.operations);
  const model = modelOf(catalog, modelConfigOf(tested), kind, limits);
  const accepted = await acceptedIn(readFrom(given.corpus, kind), catalog.invariants, context);
  const interrupt = interruptible(line => context.warn(line));
  const where = { profile: tested.profile.name, provider: tested.provider, ...suiteIn(tested), ...stacksIn(tested) };

  const keeping = (opened: Opened) => ({ model, opened, subject: tested, signal: interrupt.signal, context });

  let isCrashed = false;
  let crashes: NonNullable<Report['crashes']> = [];
  let versions: Report['versions'];
  const begun = Date.now();
  const reported: NonNullable<Report['cases']>[number][] = [];
  const findings: ReportedFinding[] = [];
  const notes: string[] = [];

  /** Null where the operator stopped it: it says nothing, and an earlier record of it stays. */
  async function one(
    [name, scenario]: readonly [string, Scenario],
    opened: Opened,
  ): Promise<Ending | 'left out' | null> {
    const [host] = opened.hosts;
    if (host === undefined) throw new Error('no machine was opened');
    const cases: CaseRecord[] = [];
    const leftOut: string[] = [];
    for (const [title, steps] of Object.entries(scenario.cases(modelConfigOf(tested)))) {
      if (interrupt.signal.aborted) return null;
      const beyond = limits === undefined ? null : beyondLimitsOf(limits, catalog.operations, steps);
      if (beyond !== null) {
        context.out(`${name}, ${title}: left out (${beyond})`);
        leftOut.push(`${title}: left out (${beyond})`);
        notes.push(`${name}, ${title}: left out (${beyond})`);
        continue;
      }
      const clock = stopwatch();
      const times = timing(clock);
      const start = performance.now();
      const run = await runSteps(model, host, steps, {
        signal: interrupt.signal,
        evidence: 'whole',
        onBegin: times.onBegin,
        onOperation: (taken, index, of) => {
          times.onOperation(taken);
          if (context.detail !== 'verbose') return;
          context.note(`${name}, ${title}, step ${index + 1} of ${of}: ${doneWords(catalog.operations, taken)}`);
        },
      });
      if (run.verdict.kind === 'inconclusive' && run.verdict.cause === 'stopped') return null;
      if (run.crash !== undefined) context.warn(`stackfuzz crashed: ${run.crash.message}`);
      isCrashed ||= run.crash !== undefined;
      if (run.crash !== undefined) crashes = [...crashes, { message: run.crash.message }];
      const { verdict } = run;
      const waiver =
        verdict.kind === 'violated' ? accepted({ ...where, ...verdict.violation, steps, host: opened.name }) : null;
      const record = caseRecord(title, run, waiver);
      cases.push(record);
      const story = storyOf(catalog.operations, run, clock);
      const seconds = Math.round(performance.now() - start) / 1000;
      const { ending, reasons } = record;
      reported.push({ scenario: name, name: title, ending, reasons, seconds, story });
      if (verdict.kind === 'violated') {
        const { invariant, promise, signature, details } = verdict.violation;
        const explanation = explain(catalog.operations, verdict.violation, run.taken, { ...where, host: opened.name });
        const accepted = waiver === null ? {} : { waiver };
        findings.push({ invariant, promise, signature, details, steps, explanation, story, ...accepted });
      }
      context.out(
        `${name}, ${title}: ${record.ending}${record.reasons[0] === undefined ? '' : ` (${record.reasons[0]})`}`,
        toneOf[statusOf[record.ending]],
      );
      if (given.keep !== undefined)
        await keepCase(`${name}, ${title}`, run, { ...keeping(opened), corpus: given.keep });
    }
    if (cases.length === 0) return 'left out';
    const names = [
      name,
      where.profile,
      where.provider,
      ...(where.suite === undefined ? [] : [where.suite]),
      opened.name,
    ];
    const file = join(given.out, `${names.join('-')}.md`);
    const circumstances = { ...where, host: opened.name, versions: opened.versions };
    const text = visible(redacted(recordOf(name, scenario, cases, catalog.operations, circumstances, leftOut)));
    if ((await writtenOrTold(file, text, 'record', context.warn)) && !context.isPart) context.note(`Record: ${file}`);
    return endingOf(cases);
  }

  try {
    const machines = { kind, subject: tested, given: { ...given, labs: 1 } };
    const endings = await onMachines(machines, interrupt, context, async opened => {
      versions = opened.versions;
      const all: (Ending | 'left out')[] = [];
      for (const scenario of wanted) {
        const ending = interrupt.signal.aborted ? null : await one(scenario, opened);
        if (ending === null) break;
        all.push(ending);
      }
      return all;
    });
    const left = wanted.slice(endings?.length ?? 0);
    const goOn = commandLine('scenario', [...left.map(([name]) => name), ...again(given, given.host ?? kind)]);
    if (endings === null) {
      if (interrupt.signal.aborted && !context.isPart) context.out(`To go on: ${goOn}`);
      return exit.inconclusive;
    }
    const counted = (ending: Ending | 'left out') => endings.filter(each => each === ending).length;
    const waivedOnes = counted('waived') === 0 ? '' : `, ${counted('waived')} waived`;
    const out = counted('left out') === 0 ? '' : `, ${counted('left out')} left out`;
    const rest = left.length === 0 ? '' : `; stopped before the end of ${left.length} more`;
    context.out(
      `${counted('passed')} passed, ${counted('failed')} failed, ${counted('blocked')} blocked${waivedOnes}${out}${rest}.`,
    );
    if (left.length > 0 && !context.isPart) context.out(`To go on: ${goOn}`, 'command');
    const status = worst([
      ...endings.flatMap(ending => (ending === 'left out' ? [] : [statusOf[ending]])),
      // Nothing was checked.
      ...(counted('left out') === wanted.length ? [exit.inconclusive] : []),
      ...(interrupt.signal.aborted ? [exit.inconclusive] : []),
      ...(isCrashed ? [exit.crashed] : []),
    ]);
    const report: Report = {
      format: 1,
      command: 'scenario',
      status,
      verdict: verdictWord(status),
      began: new Date(begun).toISOString(),
      stackfuzz: version(),
      host: given.host ?? kind,
      ...where,
      versions,
      seconds: (Date.now() - begun) / 1000,
      operations: reported.flatMap(({ story }) => story?.steps ?? []).filter(({ ended }) => ended !== 'skipped').length,
      findings,
      promises: promisesOf(catalog.invariants),
      coverage: coverageIn(reported.map(({ story }) => story)),
      cases: reported,
      ...(crashes.length > 0 && { crashes }),
      ...(notes.length > 0 && { notes }),
      ...(left.length > 0 && { goOn }),
    };
    await writeReports(given, report, context.warn);
    return status;
  } finally {
    interrupt.dispose();
  }
}

/** The flags of the same command. */
function again(given: ScenarioOptions, host: string): readonly string[] {
  const { hosts, profile, provider, suite, case: words, corpus, keep } = given;
  const out = given.out === usualOut ? undefined : given.out;
  const same = Object.entries({ host, hosts, profile, provider, suite, case: words, out, corpus, keep });
  const flags = same.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
  return [...flags, ...modelsFlags(given.models)];
}

const statusOf: Readonly<Record<Ending, Status>> = {
  passed: exit.held,
  waived: exit.held,
  failed: exit.violated,
  blocked: exit.inconclusive,
};

async function mustTakeRecords(folder: string): Promise<void> {
  const why = await unwritable(folder);
  if (why === null) {
    await makeFolder(folder);
    return;
  }
  throw new Problem({
    expected: 'a folder that can be written',
    found: why,
    where: `--out ${folder === '' ? "''" : folder}`,
    next: 'Name another one: --out DIR',
  });
}
