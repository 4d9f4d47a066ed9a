import { join } from 'node:path';
import type { Step } from '../models/operation.ts';
import { loadCatalog, modelOf } from '../src/catalog.ts';
import { deploymentOf } from '../src/cli/machines.ts';
import { planned } from '../src/engine/plan/plan.ts';
import { runSteps } from '../src/engine/run/run.ts';
import type { MachineSource } from '../src/hosts/deployment.ts';
import { boot, buildRoot, labAvailable } from '../src/hosts/lab/index.ts';
import { labMachines } from '../src/hosts/lab/lab-machines.ts';
import { labOperator } from '../src/hosts/paths.ts';
import { settling } from '../src/hosts/real/observe/settle-script.ts';
import { realHost } from '../src/hosts/real/real.ts';
import { createSimulator } from '../src/hosts/simulator/index.ts';
import type { Channel } from '../src/hosts/transport/channel.ts';
import { quoted } from '../src/hosts/transport/quote.ts';
import { loadProfile } from '../src/profiles/profile.ts';
import { modelConfigOf } from '../src/profiles/setup.ts';
import { bareBoot } from './bare-boot.ts';
import { median } from './median.ts';
import { timedSearch } from './searched.ts';

/**
 * The lab beside the same by hand, in one run: the boot of a machine beside that of a bare systemd-nspawn, and a run of
 * operations beside a plain shell script with the same commands, without a model and without looks. Then a search with one
 * machine, two and three, and what the time is spent on.
 */
const [rounds = 5, seconds = 20 * rounds, most = 3] = process.argv.slice(2).map(Number);

const available = labAvailable();
if (!available.ok) {
  console.log(`lab: not measured; it wants ${available.missing.join(', ')} (${available.fix})`);
  process.exit(0);
}
const shown = (ms: number): string => `${Math.round(ms)} ms`;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

async function boots(): Promise<void> {
  const root = join(await buildRoot({ say: line => console.log(`lab: ${line}`) }), 'root');
  const [ours, bare]: number[][] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    const machine = await boot();
    ours?.push(performance.now() - begun);
    await machine.down();
    bare?.push(await bareBoot(root, labOperator.uid, round));
  }
  const [mine, theirs] = [median(ours ?? []), median(bare ?? [])];
  console.log(`boot: ${shown(mine)} to a running user manager and a way in; bare systemd-nspawn ${shown(theirs)}`);
  console.log(`  ${(mine / theirs).toFixed(2)} x (medians of ${rounds})`);
}

const profile = loadProfile('home-manager');
const deployment = deploymentOf({ profile, provider: 'docker-compose' });
const catalog = await loadCatalog();
const setup = modelConfigOf({ profile, provider: 'docker-compose' });
// Without the operations that the simulator lacks: it tells which plans hold.
const model = modelOf(catalog, setup, 'simulator');

/** Plans without the steps at which this profile is known to lie, so that both sides do all of them. */
async function plans(): Promise<readonly (readonly Step[])[]> {
  const simulator = createSimulator({ setup, provider: 'docker-compose' });
  const found: (readonly Step[])[] = [];
  for (let index = 0; found.length < rounds; index++) {
    let steps = planned(model, 3, index, { maxSteps: 12 });
    for (;;) {
      const { verdict } = await runSteps(model, simulator, steps, { evidence: false });
      if (verdict.kind !== 'violated') break;
      const culprit = verdict.violation.at;
      steps = steps.filter((_, at) => at !== culprit);
    }
    if (steps.length >= 6) found.push(steps);
  }
  return found;
}

/** Machines whose commands are recorded, without the looks. */
function recorded(machines: MachineSource, script: string[]): MachineSource {
  return {
    ...machines,
    async take() {
      const { channel, close } = await machines.take();
      const run: Channel['run'] = (text, options) => {
        if (!text.includes(settling)) script.push(asUser(text, options?.as));
        return channel.run(text, options);
      };
      return { channel: { ...channel, run }, close };
    },
  };
}

/** One lever as a line of a shell script that root runs. */
const asUser = (text: string, as: 'operator' | 'root' = 'operator'): string => {
  if (as === 'root') return `bash -c ${quoted(text)} >/dev/null 2>&1 </dev/null`;
  const { name, home, uid } = labOperator;
  const environment = `HOME=${home} USER=${name} LOGNAME=${name} PATH="$PATH" XDG_RUNTIME_DIR=/run/user/${uid} DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/${uid}/bus`;
  return `setpriv --reuid ${uid} --regid ${uid} --init-groups env -i ${environment} bash -c ${quoted(`cd; ${text}`)} >/dev/null 2>&1 </dev/null`;
};

async function runs(): Promise<void> {
  const machines = await labMachines(deployment, { ahead: 1, say: line => console.log(`lab: ${line}`) });
  const script: string[] = [];
  const host = realHost({ ...deployment, machines: recorded({ ...machines, close: async () => {} }, script) });
  const ratios: number[] = [];
  let operations = 0;
  try {
    for (const steps of await plans()) {
      await host.reset();
      script.length = 0;
      const same = { ...host, reset: async () => {} }; // it was just reset: the reset is not compared here
      const fuzzed = await timed(async () => {
        const run = await runSteps(model, same, steps, { evidence: false });
        if (run.verdict.kind !== 'held') console.log(`  not held: ${JSON.stringify(run.verdict)}`);
        operations += run.taken.length;
      });
      const fresh = await machines.take();
      const plain = await timed(() => fresh.channel.run(script.join('\n'), { as: 'root', timeoutMs: 600_000 }));
      await fresh.close();
      ratios.push(fuzzed / plain);
      console.log(`  ${steps.length} operations: ${shown(fuzzed)}, plain script ${shown(plain)}`);
    }
    console.log(
      `run: ${median(ratios).toFixed(2)} x a plain shell script (median of ${ratios.length} plans, ${operations} operations)`,
    );
    console.log(`reset: ${shown(median(await resets()))} visible to a run while the pool keeps up`);
  } finally {
    await host.close();
    await machines.close();
  }

  async function resets(): Promise<number[]> {
    const waits: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await new Promise(resolve => setTimeout(resolve, 4_000)); // the time of a run, in which the next machine boots
      let taken: Awaited<ReturnType<MachineSource['take']>> | undefined;
      waits.push(
        await timed(async () => {
          taken = await machines.take();
        }),
      );
      await taken?.close();
    }
    return waits;
  }
}

async function searches(): Promise<void> {
  let one: number | undefined;
  for (let count = 1; count <= most; count++) {
    const { perSecond, operations, table } = await timedSearch(model, deployment, count, seconds);
    one ??= perSecond;
    const ratio = count === 1 ? '' : `, ${(perSecond / one).toFixed(2)} x what one does`;
    console.log(
      `search with ${count} at once: ${perSecond.toFixed(2)} operations/s${ratio} (${operations} operations)`,
    );
    console.log(table);
  }
}

await boots();
await runs();
await searches();
