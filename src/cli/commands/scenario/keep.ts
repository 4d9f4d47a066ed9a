import type { Levers } from '../../../../models/host.ts';
import type { Observation } from '../../../../models/observation.ts';
import type { World } from '../../../../models/world.ts';
import { readCorpus, sameFinding } from '../../../corpus/store.ts';
import { reduced } from '../../../engine/shrink/reduce.ts';
import type { Model, Run } from '../../../engine/types.ts';
import { beginningWords } from '../../../reports/explain.ts';
import type { Context } from '../../context.ts';
import { keeper } from '../../findings.ts';
import { isImitated, type Opened, simulated } from '../../machines.ts';
import type { Target } from '../../options.ts';

/** Where the cases of scenarios that break a promise are saved, and with which target. */
export interface ScenarioKeeping {
  readonly corpus: string;
  readonly model: Model<World, Observation, Levers>;
  readonly opened: Opened;
  readonly subject: Target;
  readonly signal: AbortSignal;
  readonly context: Context;
}

/**
 * Shrinks what a case broke, confirms it on a fresh machine, and saves it, as a search does with its findings. What the corpus
 * has already is only named.
 */
export async function keepCase(name: string, run: Run<World, Observation>, keeping: ScenarioKeeping): Promise<void> {
  const { corpus, model, opened, subject, signal, context } = keeping;
  if (run.verdict.kind !== 'violated') return;
  const { signature } = run.verdict.violation;
  const known = await knownAs(signature, corpus, subject);
  if (known !== undefined) return context.out(`  known: ${known}`);
  const say = (line: string): void => context.out(line);
  const findings = keeper({ operations: model.operations, corpus, seed: name, opened, subject, say });
  context.note(`${name}: asking again ${beginningWords(opened.name)}, then shrinking it.`);
  const options = {
    model,
    machines: opened.hosts,
    ...(isImitated(subject) ? { simulator: () => simulated(subject) } : {}),
    deterministic: opened.kind === 'simulator',
    signal,
  };
  const short = await reduced(options, run);
  if (signal.aborted) return;
  if (short.kind === 'finding') findings.keep(short.finding);
  else context.out(`  It did not show again, so it is not kept: ${signature}`);
  await findings.kept();
}

/** The entry of a corpus for the same finding that is not mended yet. */
async function knownAs(signature: string, corpus: string, subject: Target): Promise<string | undefined> {
  const { entries } = await readCorpus(corpus);
  const finding = { ...subject, signature, profile: subject.profile.name };
  return entries.find(({ entry }) => sameFinding(entry, finding) && entry.expect === 'violated')?.path;
}
