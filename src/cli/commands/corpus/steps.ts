import type { Claim, Levers } from '../../../../models/host.ts';
import type { Observation } from '../../../../models/observation.ts';
import type { World } from '../../../../models/world.ts';
import { type Catalog, modelOf } from '../../../catalog.ts';
import type { Entry } from '../../../corpus/entry.ts';
import { runSteps } from '../../../engine/run/run.ts';
import type { Run } from '../../../engine/types.ts';
import type { Deployment } from '../../../hosts/deployment.ts';
import type { Lever } from '../../../hosts/real/levers/lever.ts';
import { leversOver } from '../../../hosts/real/levers/levers.ts';
import { Problem } from '../../../problem.ts';
import { modelConfigOf } from '../../../profiles/setup.ts';
import { stepWords } from '../../../reports/explain.ts';
import { isImitated, simulated } from '../../machines.ts';
import type { Target } from '../../options.ts';

/** A step of an entry, with the levers that do it on a real machine. */
export interface ExportedStep {
  readonly words: string;
  readonly levers: readonly Lever[];
  /** Whether it claimed success. */
  readonly ok: boolean;
}

/** How an entry ran on a simulated machine; a test compares this with a real one. */
export interface ExportedRun {
  readonly run: Run<World, Observation>;
  readonly steps: readonly ExportedStep[];
}

/**
 * Finds the scripts that an entry's steps run on a real machine, by doing the steps on a simulated one.
 * @throws Problem where nothing shows there, or where no script can do a step.
 */
export async function exportedRun(
  { path, entry }: { readonly path: string; readonly entry: Entry },
  subject: Target,
  deployment: Deployment,
  catalog: Catalog,
): Promise<ExportedRun> {
  const cannot = (found: string): Problem =>
    new Problem({
      expected: 'an entry whose steps a script can do, and whose fault it can see',
      found,
      where: path,
      next: 'See it on a lab machine instead: stackfuzz replay ENTRY --host lab --verbose',
    });
  if (!isImitated(subject)) throw cannot(`one of a profile or release that nothing here imitates: ${entry.profile}`);
  const model = modelOf(catalog, modelConfigOf(subject));
  const host = simulated(subject);
  const pulled: Lever[][] = [];
  const note = async (lever: Lever) => {
    pulled.at(-1)?.push(lever);
    return { claim: yes, stdout: '' };
  };
  let reboots = false;
  const real = leversOver(deployment, note, async () => {
    reboots = true;
    return yes;
  });
  // Each lever is used on the simulated machine, whose claim counts; its script is only recorded.
  const both = Object.fromEntries(
    Object.keys(real).map(name => [
      name,
      async (...given: never[]) => {
        const key = name as keyof Levers;
        await (real[key] as (...all: never[]) => Promise<Claim>)(...given);
        return (host[key] as (...all: never[]) => Promise<Claim>)(...given);
      },
    ]),
  );
  const run = await runSteps(model, { ...host, ...both }, entry.steps, {
    evidence: false,
    onBegin: () => void pulled.push([]),
  });
  const { verdict, taken } = run;
  if (reboots) throw cannot('a step that reboots the machine, under which a script ends');
  if (taken.some(({ skipped }) => skipped)) throw cannot('a step that is not possible any more');
  if (verdict.kind !== 'violated') throw cannot('that it does not show on a simulated machine, where it is looked up');
  if (verdict.violation.signature !== entry.signature)
    throw cannot(`that something else shows on a simulated machine: ${verdict.violation.signature}`);
  return {
    run,
    steps: taken.map(({ step, claim }, index) => ({
      words: stepWords(catalog.operations, step),
      levers: pulled[index] ?? [],
      ok: claim?.ok ?? true,
    })),
  };
}

const yes: Claim = { ok: true, status: 0, message: '' };
