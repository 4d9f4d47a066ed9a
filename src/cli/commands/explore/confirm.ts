import type { Host, Levers } from '../../../../models/host.ts';
import { beyondLimitsOf } from '../../../../models/limits.ts';
import type { Observation } from '../../../../models/observation.ts';
import type { Step } from '../../../../models/operation.ts';
import type { World } from '../../../../models/world.ts';
import { modelOf } from '../../../catalog.ts';
import { machineTrouble } from '../../../engine/run/crash.ts';
import { runSteps } from '../../../engine/run/run.ts';
import {
  alikeViolation,
  type Confirmed,
  confirm,
  measuredRate,
  measuring,
  together,
} from '../../../engine/session/confirm.ts';
import { pool } from '../../../engine/session/pool.ts';
import type { Finding } from '../../../engine/session/session.ts';
import type { Model, Run, Violation } from '../../../engine/types.ts';
import { compare, type FirstDifference } from '../../../hosts/simulator/differential.ts';
import { modelConfigOf } from '../../../profiles/setup.ts';
import type { Context } from '../../context.ts';
import { keeper } from '../../findings.ts';
import type { Interrupt } from '../../interrupt.ts';
import { limitsFor } from '../../limits.ts';
import { type Opened, simulated } from '../../machines.ts';
import { catalogOf } from '../../models.ts';
import { onMachines } from '../../on-machines.ts';
import type { Target } from '../../options.ts';
import type { Counterexample } from './counterexamples.ts';
import { callsOf } from './plan-calls.ts';
import type { Shown } from './report.ts';

/** Number of tries on a machine before a counterexample counts as not shown. */
const tries = 2;

/**
 * Repeats each counterexample on lab machines, or on a machine of the user's own. What shows is saved; for the others the first
 * difference is reported.
 */
export async function confirmed(
  all: readonly Counterexample[],
  { asked, corpus, labs }: { asked: Target; corpus: string; labs: number | undefined },
  interrupt: Interrupt,
  context: Context,
): Promise<Shown> {
  const kind = asked.own === undefined ? 'lab' : 'own';
  const given = { host: asked.own?.name ?? kind, ...(labs === undefined ? {} : { labs }) };
  const found = await withinReach(all, asked, context);
  if (found.length === 0) return { saved: new Map(), differences: [], untold: [] };
  const profile = { ...asked.profile, declaration: declarationOf(found, asked) };
  const subject: Target = { ...asked, profile };
  const { signal } = interrupt;
  const say = (line: string) => context.note(line);
  const shown = await onMachines({ kind, subject, given }, interrupt, context, opened =>
    confirmedOn(found, { opened, subject, corpus, signal, say }),
  );
  return shown ?? { saved: new Map(), differences: [], untold: found.map(({ violation }) => violation.signature) };
}

/** Those that the machine can and may do; for each other one the reason is printed. */
async function withinReach(
  all: readonly Counterexample[],
  asked: Target,
  context: Context,
): Promise<readonly Counterexample[]> {
  const { operations } = await catalogOf(asked.models);
  const limits = await limitsFor(asked, operations);
  if (limits === undefined) return all;
  return all.filter(({ steps, violation }) => {
    const beyond = beyondLimitsOf(limits, operations, steps);
    if (beyond !== null) context.note(`Left out: ${violation.signature} (${beyond}).`);
    return beyond === null;
  });
}

/** The declaration that was explored, which may have fewer stacks than the profile. */
const declarationOf = ([first]: readonly Counterexample[], asked: Target) =>
  first?.run.history[0]?.before.setup.declaration ?? asked.profile.declaration;

/** Where counterexamples are repeated, and where they are saved. */
export interface Confirming {
  readonly opened: Opened;
  readonly subject: Target;
  /** Folder of the corpus. */
  readonly corpus: string;
  readonly signal: AbortSignal;
  say(line: string): void;
}

/** Repeats each counterexample on open machines. */
export async function confirmedOn(
  found: readonly Counterexample[],
  { opened, subject, corpus, signal, say }: Confirming,
): Promise<Shown> {
  const model = modelOf(await catalogOf(subject.models), modelConfigOf(subject), 'lab');
  const shownAs = new Map<Finding<World, Observation>, string>();
  const differences: string[] = [];
  const untold: string[] = [];
  const { operations } = model;
  const findings = keeper({ operations, corpus, seed: 'explore', opened, subject, say });
  const machines = pool(opened.hosts);
  const one = async (example: Counterexample, host: Host): Promise<void> => {
    const { violation, steps } = example;
    const { signature } = violation;
    const sought = alikeViolation(violation);
    const attempt = (again: readonly Step[]) => runSteps(model, host, again, { signal });
    let came = await confirm(steps, sought, { need: 1, of: tries }, attempt);
    // What held first and then showed is a race.
    if (came.shown > 0 && came.held > 0)
      came = together(came, await measuredRate(steps, sought, measuring.short, attempt));
    if (came.run?.verdict.kind === 'violated') {
      const finding = findingOf(example, came.run.verdict.violation, came.run, came);
      shownAs.set(finding, signature);
      findings.keep(finding);
    } else if (came.of === 0 || signal.aborted) untold.push(signature);
    else differences.push(...(await differenceOf(example, came.last, model, host, subject)));
  };
  await Promise.all(found.map(each => machines.use(host => one(each, host))));
  const saved = new Map((await findings.kept()).map(({ finding, path }) => [shownAs.get(finding) as string, path]));
  return { saved, differences, untold };
}

const findingOf = (
  { steps, original, explanation }: Counterexample,
  violation: Violation,
  run: Run<World, Observation>,
  { shown, of, held }: Confirmed<World, Observation>,
): Finding<World, Observation> => ({
  violation,
  steps,
  run,
  original,
  index: 0,
  confirmed: { shown, of },
  ...(held > 0 && { shows: { times: shown, of: shown + held } }),
  shrunkOn: 'simulator',
  foundAfter: steps.length,
  cost: { confirming: 0, shrinking: 0, simulated: 0 },
  explanation,
});

/** What a real machine does not show is a fault of the simulator: the first look at which the two differ. */
async function differenceOf(
  { violation: { signature }, steps }: Counterexample,
  last: Run<World, Observation> | undefined,
  model: Model<World, Observation, Levers>,
  host: Host,
  subject: Target,
): Promise<readonly string[]> {
  const { name } = host;
  const machine = name === 'lab' ? 'the lab' : name;
  const instead =
    last?.verdict.kind === 'violated'
      ? [`  It breaks another promise: ${last.verdict.violation.signature}`]
      : ['  Every promise holds there.'];
  const head = [`Simulator and ${name} differ: ${machine} does not show ${signature}`, ...instead];
  let difference: FirstDifference | null;
  try {
    difference = await compare(simulated(subject), host, callsOf(model, steps));
  } catch (error) {
    return [...head, `  They could not be compared: ${machineTrouble(error, host.name)}`, ''];
  }
  if (difference === null) return [...head, '  All looks at both were the same; the claim or its log differs.', ''];
  const after = difference.after.map((title, index) => `  ${index}. ${title}`);
  return [
    ...head,
    ...after,
    `  There the simulator shows / ${machine} shows:`,
    ...difference.fields.map(field => `  - ${field}`),
    '',
  ];
}
