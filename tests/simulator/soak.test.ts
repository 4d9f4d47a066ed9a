import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadCatalog, modelOf } from '../../src/catalog.ts';
import { commandLine } from '../../src/cli/commands.ts';
import { simulated } from '../../src/cli/machines.ts';
import { targetOf } from '../../src/cli/options.ts';
import { runSteps } from '../../src/engine/run/run.ts';
import { find } from '../../src/engine/session/find.ts';
import { modelConfigOf } from '../../src/profiles/setup.ts';
import { explain } from '../../src/reports/explain.ts';
import { commitIn, shareIn, shareVariable } from '../../src/setup/share.mjs';
import { soaked } from '../helpers/soak.ts';

/**
 * The promises hold on the reference profile with any seed: a new one each time, in CI a new one with each commit, so that one
 * commit always gives the same result. Set STACKFUZZ_SEED to repeat one.
 */
const steps = shareIn(process.env[shareVariable]) === null ? 100_000 : 15_000;
const ofCommit = () => commitIn(fileURLToPath(new URL('../..', import.meta.url))).number ?? 0;
const seed = Number(process.env.STACKFUZZ_SEED ?? (process.env.CI === undefined ? randomInt(1_000_000) : ofCommit()));

/** Milliseconds: only a limit against hanging, on busy machines. */
const patience = 600_000;

describe.each(['docker-compose', 'podman-compose'])('hardened with %s, simulated', provider => {
  const chosen = targetOf('hardened', provider);
  const model = async () => modelOf(await loadCatalog(), modelConfigOf(chosen), 'simulator');

  test.each(Object.entries(soaked))('knows %s', async (_what, steps) => {
    const run = await runSteps(await model(), simulated(chosen), steps);
    expect(run.verdict).toEqual({ kind: 'held' });
    expect(run.taken.filter(({ skipped }) => skipped)).toEqual([]);
  });

  test(
    `holds for ${steps} steps of seed ${seed}`,
    async () => {
      const { operations } = await model();
      const session = await find({
        model: await model(),
        machines: [simulated(chosen)],
        seed,
        size: { maxSteps: 30 },
        budget: { operations: steps },
        findings: 1,
        deterministic: true,
      });
      const reports = session.findings.map(({ violation, run, index }) =>
        [
          ...explain(operations, violation, run.taken, { host: 'simulator', profile: 'hardened', provider }),
          'To see it again:',
          commandLine('fuzz', [
            ...[
              '--host',
              'simulator',
              ...chosen.flags,
              '--seed',
              String(seed),
              '--schedule',
              'walks',
              '--from',
              String(index),
              '--runs',
              '1',
            ],
          ]),
        ].join('\n'),
      );
      expect(reports.join('\n'), `seed ${seed}`).toBe('');
      expect(session).toMatchObject({ inconclusive: [], flaky: [], operations: steps });
    },
    patience,
  );
});
