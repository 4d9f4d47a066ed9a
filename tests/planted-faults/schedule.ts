import { fileURLToPath } from 'node:url';
import { readCorpus } from '../../src/corpus/store.ts';
import { stages } from '../../src/engine/schedule/slots.ts';
import { scheduled } from '../../src/engine/schedule/stages.ts';
import { find } from '../../src/engine/session/find.ts';
import type { Provider } from '../../src/profiles/profile.ts';
import { type First, faulty, modelFor } from './faulty.ts';
import type { PlantedFault } from './planted.ts';

const maxSteps = 30;
const { entries } = await readCorpus(fileURLToPath(new URL('../../corpus', import.meta.url)));
const suspects = entries.map(({ entry }) => ({ steps: entry.steps })).filter(({ steps }) => steps.length > 0);

/**
 * What a search of so many operations meets first on a simulated machine; undefined where it meets nothing. It goes by the schedule
 * of `stackfuzz fuzz`, of which the suspects are those of the corpus alone.
 */
export async function searched(
  fault: Pick<PlantedFault, 'edits'>,
  provider: Provider,
  seed: number,
  operations: number,
): Promise<First | undefined> {
  const { createSimulator } = await faulty(fault);
  const { model, setup } = await modelFor(provider);
  const found = new AbortController();
  let spent = 0;
  let first: First | undefined;
  await find({
    model,
    machines: [createSimulator({ setup, provider, profile: 'hardened' })],
    seed,
    before: scheduled(stages, suspects, { model, seed, steps: maxSteps }),
    walks: true,
    size: { maxSteps },
    budget: { operations },
    deterministic: true,
    signal: found.signal,
    hooks: {
      onOperation: (_taken, { phase }) => void (phase === 'find' && first === undefined && spent++),
      onRun(_index, { verdict }) {
        if (verdict.kind !== 'violated' || first !== undefined) return;
        const { invariant, details } = verdict.violation;
        first = { operations: spent, invariant, says: details[0] ?? '' };
        found.abort();
      },
    },
  });
  return first;
}
