import { expect } from 'vitest';
import type { Claim, Host } from '../../models/host.ts';
import { type Declaration, edited } from '../../models/machine/declaration.ts';
import type { Provider } from '../../models/machine/traits.ts';
import type { Observation } from '../../models/observation.ts';
import type { Deployment, MachineSource } from '../../src/hosts/deployment.ts';
import { labMachines } from '../../src/hosts/lab/lab-machines.ts';
import { labOperator } from '../../src/hosts/paths.ts';
import { realHost } from '../../src/hosts/real/real.ts';
import type { Channel } from '../../src/hosts/transport/channel.ts';
import { loadProfile } from '../../src/profiles/profile.ts';
import { provided } from '../../src/profiles/provided.ts';
import { render } from '../../src/profiles/render.ts';
import type { Profile } from '../../src/profiles/types.ts';

/** For tests: the profile of the lab machines. */
export const profile = loadProfile('home-manager');

export const labDeployment = (profile: Profile, provider: Provider): Deployment => ({
  profile: provided(profile, provider),
  provider,
  operator: labOperator,
  render: (declaration: Declaration) => render(profile, declaration, provider),
});

/** The declaration after a reset, and an edit of it. */
export const first = profile.declaration;
export const second = edited(first, 'web', services =>
  Object.fromEntries(Object.entries(services).map(([name, service]) => [name, { ...service, greeting: 'hi' }])),
);

/** A real host on lab machines, with every call to them counted. */
export interface LabHost {
  readonly host: Host;
  /** What the machine shows when it is at rest; one call. */
  seen(): Promise<Observation>;
  /** Uses a lever, in one call, and checks its claim: success by default. After a failure a second call asks for the journal. */
  done(pull: () => Promise<unknown>, claim?: Partial<Claim>): Promise<void>;
  /** Runs a script that no lever runs on the machine, by default as the operator. */
  run(script: string, as?: 'operator' | 'root'): Promise<void>;
}

/** Opens a host for so many resets; the caller closes it. */
export async function openLabHost(resets: number): Promise<LabHost> {
  const calls: Calls = { count: 0 };
  const deployment = labDeployment(profile, 'docker-compose');
  const host = realHost({
    ...deployment,
    machines: counted(await labMachines(deployment, { expected: resets }), calls),
  });
  async function within<T>(most: number, work: () => Promise<T>): Promise<T> {
    const before = calls.count;
    const result = await work();
    expect(calls.count - before).toBeLessThanOrEqual(most); // no call if it was just looked at
    return result;
  }
  return {
    host,
    seen: () =>
      within(1, async () => {
        expect(await host.settle()).toEqual({ rested: true, waiting: [] });
        return host.observe();
      }),
    async done(pull, claim = { ok: true, status: 0 }) {
      expect(await within(claim.ok ? 1 : 2, pull)).toMatchObject(claim);
    },
    async run(script, as = 'operator') {
      expect(await calls.channel?.run(script, { as })).toMatchObject({ status: 0 });
    },
  };
}

/** The number of calls to the machine, and the channel to it. */
interface Calls {
  count: number;
  channel?: Channel;
}

function counted(machines: MachineSource, calls: Calls): MachineSource {
  return {
    ...machines,
    async take() {
      const { channel, close } = await machines.take();
      calls.channel = channel;
      const run: typeof channel.run = (script, options) => {
        calls.count++;
        return channel.run(script, options);
      };
      return { channel: { ...channel, run }, close };
    },
  };
}
