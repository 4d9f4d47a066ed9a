import { describe, expect, test } from 'vitest';
import type { Host } from '../../../../models/host.ts';
import { emptyFolder } from '../../../../tests/helpers/command.ts';
import { readCorpus } from '../../../corpus/store.ts';
import { expander } from '../../../engine/explore/expand.ts';
import { alone, exploreAll } from '../../../engine/explore/search.ts';
import { simulated } from '../../machines.ts';
import { targetOf } from '../../options.ts';
import { confirmedOn } from './confirm.ts';
import { counterexamples } from './counterexamples.ts';
import { exploredOf } from './explored.ts';
import { concludeExploration } from './report.ts';

/** Rebuilds after which a container is missing are lies of home-manager's: met by a recovery where no rebuild is chosen. */
const chosen = { profile: 'home-manager', provider: 'docker-compose', operations: ['remove-container'] } as const;
const depth = 1;

async function exploration() {
  const explored = await exploredOf(chosen);
  const outcome = await exploreAll({ depth, crew: alone(expander(explored, { recoverTo: 1 })) });
  return { explored, outcome, found: await counterexamples(explored, outcome.standing.met, chosen) };
}

/** The counterexamples done on a machine that stands in for the lab's. */
async function doneOn(host: Host, signal = new AbortController().signal, name = 'lab') {
  const { explored, outcome, found } = await exploration();
  const corpus = emptyFolder();
  const hosts = [{ ...host, name }];
  const opened = { kind: 'lab', name, hosts, versions: {}, close: async () => {} } as const;
  const shown = await confirmedOn(found.violated, {
    opened,
    subject: targetOf(chosen.profile, chosen.provider),
    corpus,
    signal,
    say: () => {},
  });
  const lines: string[] = [];
  const context = {
    out: (line: string) => lines.push(line),
    note: () => {},
    warn: () => {},
    failed: () => {},
    detail: 'usual' as const,
    end: () => {},
    atLeast: () => {},
  };
  const time = { seconds: 1, processor: 1 };
  const status = await concludeExploration(
    { outcome, found, shown, chosen, depth, time, given: {}, explored },
    context,
  );
  return { found, shown, status, printed: lines.join('\n'), entries: (await readCorpus(corpus)).entries };
}

/** The machine with some of its levers another way. */
const but = (change: (host: Host) => Partial<Host>): Host => {
  const host = simulated(targetOf(chosen.profile, chosen.provider));
  return { ...host, ...change(host) };
};

describe('the counterexamples of an exploration, done to machines', () => {
  test('what a recovery meets is a finding of its own, shrunk, explained and saved', async () => {
    const { found, shown, entries, status, printed } = await doneOn(but(() => ({})));
    expect(found.stuck).toEqual([]);
    expect(found.violated).not.toEqual([]);
    expect(found.violated.every(({ byRecovery }) => byRecovery)).toBe(true);
    expect(shown).toMatchObject({ differences: [], untold: [] });
    expect(entries.map(({ entry }) => entry.signature).sort()).toEqual(
      found.violated.map(({ violation }) => violation.signature).sort(),
    );
    const [saved] = entries.filter(({ entry }) => entry.invariant === 'active-means-running');
    expect(saved?.entry.steps.map(({ operation }) => operation)).toEqual(['remove-container', 'rebuild']);
    expect(saved?.entry.explanation.join('\n')).toMatch(/Why these steps:\n {2}.*without/);
    expect(status).toBe(1);
    expect(printed).toContain(`Shown on a lab machine: ${saved?.path}`);
    expect(printed).toContain('Met on the way back');
  });

  test('what the machine does not show is told as a difference, with the first look that differs', async () => {
    // Nobody's hands reach the containers of this one.
    const whole = but(() => ({ container: async () => ({ ok: true, status: 0, message: '' }) }));
    const { found, shown, entries, status, printed } = await doneOn(whole);
    expect({ saved: shown.saved.size, untold: shown.untold, entries }).toEqual({ saved: 0, untold: [], entries: [] });
    for (const { violation } of found.violated)
      expect(shown.differences).toContain(`Simulator and lab differ: the lab does not show ${violation.signature}`);
    expect(shown.differences.join('\n')).toMatch(/ {2}- \.containers\.web\/app: undefined|\.containers.*\/ /);
    expect(status).toBe(2);
    expect(printed).toContain('the simulator shows / the lab shows:');
  });

  test('a machine of somebody’s own is named where it differs', async () => {
    const whole = but(() => ({ container: async () => ({ ok: true, status: 0, message: '' }) }));
    const { shown, printed } = await doneOn(whole, undefined, 'wsl');
    expect(shown.differences.join('\n')).toMatch(/^Simulator and wsl differ: wsl does not show /m);
    expect(printed).toContain('the simulator shows / wsl shows:');
    expect(printed).not.toContain('the lab');
  });

  test('what comes and goes is kept with its rate', async () => {
    let nth = 0;
    const racing = but(host => ({
      reset: async () => {
        nth++;
        await host.reset();
      },
      // Every other rebuild brings the container back.
      rebuild: async (...args) => {
        const claim = await host.rebuild(...args);
        if (nth % 2 === 1) await host.systemctl('restart', 'web-stack.service');
        return claim;
      },
    }));
    const { shown, entries } = await doneOn(racing);
    expect(shown.differences).toEqual([]);
    expect(entries[0]?.entry.shows).toEqual({ times: 6, of: 12 });
  });

  test('after Ctrl-C nothing is said of the rest', async () => {
    const { found, shown, status } = await doneOn(
      but(() => ({})),
      AbortSignal.abort(),
    );
    expect(shown).toMatchObject({
      differences: [],
      untold: found.violated.map(({ violation }) => violation.signature),
    });
    expect(status).toBe(2);
  });
});
