import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FreshMachine, MachineSource } from '../../../src/hosts/deployment.ts';
import { labAvailable } from '../../../src/hosts/lab/index.ts';
import { labMachines } from '../../../src/hosts/lab/lab-machines.ts';
import { labOperator } from '../../../src/hosts/paths.ts';
import { inspectionsIn } from '../../../src/hosts/real/observe/containers.ts';
import { type Look, understood } from '../../../src/hosts/real/observe/look.ts';
import { lookScript } from '../../../src/hosts/real/observe/look-script.ts';
import { nothingOwn } from '../../../src/hosts/real/observe/own-services.ts';
import { sections } from '../../../src/hosts/real/observe/sections.ts';
import type { Channel } from '../../../src/hosts/transport/channel.ts';
import { labDeployment, profile } from '../../helpers/lab-host.ts';

const lab = labAvailable();

describe.skipIf(!lab.ok)(`settling, on a lab machine${lab.ok ? '' : ` (skipped: ${lab.fix})`}`, () => {
  const deployment = labDeployment(profile, 'docker-compose');
  let machines: MachineSource;
  let machine: FreshMachine;
  let channel: Channel;
  let last: Look | undefined;

  beforeAll(async () => {
    machines = await labMachines(deployment, { expected: 1 });
    machine = await machines.take();
    channel = machine.channel;
  });
  afterAll(async () => {
    await machine?.close();
    await machines?.close();
  });

  /** The containers that the last look inspected. */
  let inspections: readonly string[] = [];

  async function look(): Promise<Look> {
    const { known, halted } = last ?? {};
    const script = lookScript(deployment, ['web', 'duo'], { seconds: 60, mustBeUp: true }, known, halted);
    const { stdout } = await channel.run(script, { timeoutMs: 90_000 });
    inspections = inspectionsIn(sections(stdout).get('containers')).map(one => one.Name);
    last = understood(stdout, labOperator, nothingOwn, known);
    expect(last.rested).toBe(true);
    return last;
  }
  const said = async (script: string): Promise<string> => {
    const ran = await channel.run(script, { timeoutMs: 60_000 });
    expect(ran).toMatchObject({ status: 0 });
    return ran.stdout.trim();
  };
  /** A signal to the payload of a container, or to its conmon. */
  const kill = (signal: string, whom: 'Pid' | 'ConmonPid', container: string) =>
    said(`kill -s ${signal} "$(podman inspect -f '{{.State.${whom}}}' ${container})"`);
  const stateOf = ({ containers }: Look, name: string) => containers.find(one => one.name === name)?.container.state;

  test('a container that runs on is asked for once, and again when anything of it changes', async () => {
    const first = await look();
    expect(inspections).toHaveLength(first.containers.length);
    const second = await look();
    expect(inspections).toEqual([]);
    expect(second.containers).toEqual(first.containers);

    await said(
      'podman rename web-app-1 web-app-x; podman network create others; podman network connect others duo-db-1',
    );
    expect(stateOf(await look(), 'web-app-x')).toBe('running');
    expect([...inspections].sort()).toEqual(['duo-db-1', 'web-app-x']);
    await said(
      'podman rename web-app-x web-app-1; podman network disconnect others duo-db-1; podman network rm others',
    );
    await said('podman restart -t 0 duo-db-1');
    await look();
    expect([...inspections].sort()).toEqual(['duo-db-1', 'web-app-1']);
  });

  test('what was waited for in vain is not waited for again, and what changed since is', async () => {
    await look();
    await kill('KILL', 'ConmonPid', 'web-app-1');
    const unwatched = await look();
    expect(stateOf(unwatched, 'web-app-1')).toBe('unwatched');
    expect(unwatched.looks).toBeGreaterThanOrEqual(5);
    expect(unwatched.halted).toHaveLength(1);

    const again = await look();
    expect([again.looks, again.halted]).toEqual([1, unwatched.halted]);

    // The same container, stopped in another way.
    await kill('KILL', 'Pid', 'web-app-1');
    const dead = await look();
    expect(stateOf(dead, 'web-app-1')).toBe('dead');
    expect(dead.looks).toBeGreaterThanOrEqual(5);
    expect((await look()).looks).toBe(1);
  });

  test('one that moves is waited for, beside one that was waited for in vain', async () => {
    await look();
    // Its payload cannot answer SIGTERM, so the stop takes the whole grace period.
    await kill('STOP', 'Pid', 'duo-api-1');
    const state = await said(`systemd-run --user --quiet podman stop -t 8 duo-api-1
until state=$(podman inspect -f '{{.State.Status}}' duo-api-1); [ "$state" != running ]; do sleep 0.02; done
echo "$state"`);
    expect(state).toBe('stopping');
    const stopped = await look();
    expect(stateOf(stopped, 'duo-api-1')).toBe('exited');
    expect(stopped.looks).toBeGreaterThan(1);
    expect(stateOf(stopped, 'web-app-1')).toBe('dead');
    expect((await look()).looks).toBe(1);
  });
});
