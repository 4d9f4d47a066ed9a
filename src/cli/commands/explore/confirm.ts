import type { Host, Levers } from '../../../../models/host.ts';
import type { Observation } from '../../../../models/observation.ts';
import type { Step } from '../../../../models/operation.ts';
import type { World } from '../../../../models/world.ts';
import { loadCatalog, modelOf } from '../../../catalog.ts';
import { runSteps } from '../../../engine/run/run.ts';
import { alike, confirm } from '../../../engine/session/confirm.ts';
import { pool } from '../../../engine/session/pool.ts';
import type { Model } from '../../../engine/types.ts';
import { compare } from '../../../hosts/simulator/differential.ts';
import { setupOf } from '../../../profiles/setup.ts';
import type { Context } from '../../context.ts';
import { keeper } from '../../findings.ts';
import type { Interrupt } from '../../interrupt.ts';
import { type Opened, simulated } from '../../machines.ts';
import { onMachines } from '../../on-machines.ts';
import type { Subject } from '../../options.ts';
import type { Chosen } from './explored.ts';
import { callsOf } from './plan-calls.ts';
import type { Counterexample, Shown } from './report.ts';

/** A machine that may be flaky is asked so often before it is said not to show something. */
const tries = 2;

/** Does each counterexample on lab machines: shown, it is saved; not shown, it is said where the two come apart. */
export async function confirmed(
  found: readonly Counterexample[],
  { asked, chosen, corpus, labs }: { asked: Subject; chosen: Chosen; corpus: string; labs: number | undefined },
  interrupt: Interrupt,
  context: Context,
): Promise<Shown> {
  const given = { host: 'lab' as const, ...(labs === undefined ? {} : { labs }) };
  const profile = { ...asked.profile, declaration: declarationOf(found, asked) };
  const subject: Subject = { ...asked, profile };
  const model = modelOf(await loadCatalog(), setupOf(subject), 'lab');
  const shown = await onMachines({ kind: 'lab', subject, given }, interrupt, context, opened =>
    onLab(found, { model, opened, subject, chosen, corpus }, interrupt, context),
  );
  return shown ?? { saved: new Map(), differences: [], untold: found.map(({ violation }) => violation.signature) };
}

/** The declaration that was explored: perhaps with fewer stacks than the profile's. */
const declarationOf = ([first]: readonly Counterexample[], asked: Subject) =>
  first?.run.history[0]?.before.setup.declaration ?? asked.profile.declaration;

interface OnLab {
  readonly model: Model<World, Observation, Levers>;
  readonly opened: Opened;
  readonly subject: Subject;
  readonly chosen: Chosen;
  readonly corpus: string;
}

async function onLab(
  found: readonly Counterexample[],
  { model, opened, subject, corpus }: OnLab,
  { signal }: Interrupt,
  context: Context,
): Promise<Shown> {
  const saved = new Map<string, string>();
  const differences: string[] = [];
  const untold: string[] = [];
  const { operations } = model;
  const findings = keeper({ operations, corpus, seed: 'explore', opened, subject, say: line => context.note(line) });
  const machines = pool(opened.hosts);
  const one = async ({ violation, steps }: Counterexample, host: Host): Promise<void> => {
    const { signature } = violation;
    if (signal.aborted) return void untold.push(signature);
    const asked = { need: 1, of: tries };
    const { shown, of, run } = await confirm(steps, alike(violation), asked, again =>
      runSteps(model, host, again, { signal }),
    );
    if (run?.verdict.kind === 'violated') {
      findings.keep({
        violation: run.verdict.violation,
        steps,
        run,
        original: steps,
        index: 0,
        confirmed: { shown, of },
        shrunkOn: 'simulator',
        foundAfter: steps.length,
        cost: { confirming: 0, shrinking: 0, simulated: 0 },
        explanation: { steps: [], always: [], failed: 1, held: 0 },
      });
      return;
    }
    if (of === 0) return void untold.push(signature);
    differences.push(...(await differenceOf(signature, steps, model, host, subject)));
  };
  await Promise.all(found.map(each => machines.use(host => one(each, host))));
  for (const { finding, path } of await findings.kept()) saved.set(finding.violation.signature, path);
  return { saved, differences, untold };
}

/** What the lab does not show is a fault of the simulator's: the first look at which the two come apart. */
async function differenceOf(
  signature: string,
  steps: readonly Step[],
  model: Model<World, Observation, Levers>,
  host: Host,
  subject: Subject,
): Promise<readonly string[]> {
  const difference = await compare(simulated(subject), host, callsOf(model, steps));
  const head = `Simulator and lab differ: the lab does not show ${signature}`;
  if (difference === null) return [head, '  Every look at both was the same: what was said, or its log, differs.', ''];
  const after = difference.after.map((title, index) => `  ${index}. ${title}`);
  return [
    head,
    ...after,
    '  There the simulator shows / the lab shows:',
    ...difference.fields.map(field => `  - ${field}`),
    '',
  ];
}
