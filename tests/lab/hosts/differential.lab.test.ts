import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Host, Placed } from '../../../models/host.ts';
import { edited } from '../../../models/machine/declaration.ts';
import { dropInPath, unitPath, wantsPath } from '../../../models/machine/search-path.ts';
import type { Provider } from '../../../models/machine/traits.ts';
import type { ModelConfig } from '../../../models/world.ts';
import { labAvailable } from '../../../src/hosts/lab/index.ts';
import { labMachines } from '../../../src/hosts/lab/lab-machines.ts';
import { race } from '../../../src/hosts/real/races.ts';
import { realHost } from '../../../src/hosts/real/real.ts';
import { compare, type Tally, tableOf } from '../../../src/hosts/simulator/differential.ts';
import { createSimulator } from '../../../src/hosts/simulator/index.ts';
import { type Call, randomCalls } from '../../../src/hosts/simulator/random-calls.ts';
import { modelConfigOf } from '../../../src/profiles/setup.ts';
import { noteAgain } from '../../../src/setup/again.ts';
import { casesInShare } from '../../../src/setup/share.mjs';
import { labDeployment, profile } from '../../helpers/lab-host.ts';

const setup: ModelConfig = modelConfigOf({ profile, provider: 'docker-compose' });
const { owner, declaration } = setup;

/** Set STACKFUZZ_DIFFERENTIAL to a number to try that many more seeds, STACKFUZZ_SEED to begin them elsewhere. */
const more = Number(process.env.STACKFUZZ_DIFFERENTIAL ?? 0);
const first = Number(process.env.STACKFUZZ_SEED ?? 100);
const seeds = ['1', '9', ...Array.from({ length: more }, (_, at) => String(first + at))];

const web = 'web-stack.service';
const edit: Placed = { kind: 'edited', marker: 'edited' };
const put = (path: string, what: Placed): Call => ({
  kind: `place ${what.kind}`,
  title: `put ${what.kind} at ${path}`,
  make: levers => levers.place(path, what),
});
const systemctl = (verb: 'restart' | 'start' | 'stop' | 'daemon-reload'): Call => ({
  kind: verb,
  title: verb,
  make: levers => levers.systemctl(verb, verb === 'daemon-reload' ? undefined : web),
});
const rebuild = (next = declaration): Call => ({
  kind: 'rebuild',
  title: `rebuild ${next.revision}`,
  make: levers => levers.rebuild(next),
});
const changed = edited(declaration, 'web', services => ({
  app: { ...services.app, greeting: 'goodbye' } as NonNullable<typeof services.app>,
}));

const withoutDuo = {
  revision: 9,
  stacks: { web: declaration.stacks.web as NonNullable<typeof declaration.stacks.web> },
};

/** Calls that random ones seldom make. */
const directed: Readonly<Record<string, readonly Call[]>> = {
  'a unit edited in place, under rebuilds with and without a change': [
    put(unitPath(owner, 'web'), edit),
    rebuild(),
    systemctl('daemon-reload'),
    rebuild(changed),
    rebuild(changed),
    systemctl('restart'),
  ],
  'a unit that nothing wants, and directories that systemd does not watch': [
    put(unitPath('/etc/systemd/user', 'web'), edit),
    put(wantsPath('/etc/systemd/user', 'web'), { kind: 'dangling' }),
    put(wantsPath(owner, 'web'), { kind: 'nothing' }),
    systemctl('daemon-reload'),
    systemctl('stop'),
    put(unitPath('%t/systemd/user.control', 'web'), edit),
    systemctl('start'),
    systemctl('stop'),
    put(unitPath('%t/systemd/user.control', 'web'), { kind: 'nothing' }),
    systemctl('start'),
  ],
  'a shadow above the owner’s unit': [
    put(unitPath('%t/systemd/user.control', 'web'), edit),
    systemctl('daemon-reload'),
    rebuild(),
    rebuild(changed),
    systemctl('restart'),
    put(unitPath('%t/systemd/user.control', 'web'), { kind: 'nothing' }),
    rebuild(changed),
    systemctl('restart'),
  ],
  'a stack that is declared no more, then again, then no more while its link is a file': [
    rebuild(withoutDuo),
    rebuild(),
    put(unitPath(owner, 'duo'), edit),
    rebuild(withoutDuo),
    systemctl('daemon-reload'),
    rebuild(),
  ],
  'whole units where drop-ins should be, and drop-ins where units should be': [
    rebuild(changed),
    put(unitPath(owner, 'web'), { kind: 'stale' }),
    put(dropInPath('/etc/systemd/user', 'web'), edit),
    systemctl('daemon-reload'),
    systemctl('restart'),
    put(unitPath('%t/systemd/transient', 'web'), { kind: 'drop-in', marker: 'other' }),
    systemctl('daemon-reload'),
    systemctl('restart'),
    put(wantsPath(owner, 'web'), { kind: 'nothing' }),
    put(dropInPath('/etc/systemd/user', 'web'), { kind: 'nothing' }),
    systemctl('daemon-reload'),
    systemctl('stop'),
  ],
  'a drop-in that the assertion refuses': [
    put(dropInPath('/etc/systemd/user', 'web'), { kind: 'drop-in', marker: 'other' }),
    rebuild(changed),
    rebuild(changed),
    systemctl('restart'),
  ],
};

const providers: readonly Provider[] = ['docker-compose', 'podman-compose'];
const cases = casesInShare(
  providers.flatMap(provider => [
    ...Object.entries(directed).map(([name, calls]) => ({ provider, name: `each step of: ${name}`, calls })),
    ...seeds.map(seed => ({
      provider,
      name: `each of the random calls of seed ${seed}`,
      calls: randomCalls(setup, seed, 25),
    })),
  ]),
);
const casesOf = (provider: Provider) => cases.filter(one => one.provider === provider);

describe.skipIf(!labAvailable().ok).each(providers.filter(provider => casesOf(provider).length > 0))(
  'with %s the simulator shows what the lab shows',
  provider => {
    const simulator = createSimulator({ setup, provider });
    const tally: Tally = new Map();
    let machine: Host;
    beforeAll(async () => {
      const deployment = labDeployment(profile, provider);
      machine = realHost({
        ...deployment,
        machines: await labMachines(deployment, { expected: casesOf(provider).length }),
      });
    });
    afterAll(async () => {
      await machine?.close();
      console.log(`With ${provider}, steps after which both showed the same:\n${tableOf(tally)}`);
    });

    async function same(calls: readonly Call[]): Promise<void> {
      const difference = await compare(simulator, machine, calls, tally);
      if (difference !== null && race.test(await machine.evidence())) {
        noteAgain(`${provider}: given up after "${difference.after.at(-1)}", where podman raced with itself`);
        return;
      }
      expect(difference).toBeNull();
    }

    test.each(casesOf(provider))('after $name', ({ calls }) => same(calls));
  },
);
