import { describe, expect, it } from 'vitest';
import { labAvailable } from '../../../src/hosts/lab/index.ts';
import { labMachines } from '../../../src/hosts/lab/lab-machines.ts';
import { realHost } from '../../../src/hosts/real/real.ts';
import { loadProfile } from '../../../src/profiles/profile.ts';
import { labDeployment } from '../../helpers/lab-host.ts';

/** logind removes the runtime directory this much later: long enough to be in the middle of a question to podman. */
const slow = `mkdir -p /etc/systemd/system/user-runtime-dir@.service.d
printf '[Service]\\nExecStop=\\nExecStop=/bin/sleep 0.3\\nExecStop=/lib/systemd/systemd-user-runtime-dir stop %%i\\n' \\
  >/etc/systemd/system/user-runtime-dir@.service.d/slow.conf
systemctl daemon-reload`;

describe.skipIf(!labAvailable().ok)('a machine whose runtime directory goes away during a look', () => {
  it('is seen whole', async () => {
    const deployment = labDeployment(loadProfile('hardened'), 'podman-compose');
    const machines = await labMachines(deployment, { suite: 'bookworm', expected: 1 });
    const take = async () => {
      const machine = await machines.take();
      expect(await machine.channel.run(slow, { as: 'root', timeoutMs: 20_000 })).toMatchObject({ status: 0 });
      return machine;
    };
    const host = realHost({ ...deployment, machines: { ...machines, take } });
    try {
      await host.reset();
      expect(await host.manager('stop')).toMatchObject({ ok: true });
      expect(await host.settle()).toEqual({ rested: true, waiting: [] });
      const { manager, containers } = await host.observe();
      const states = Object.entries(containers).map(([name, { state }]) => `${name} ${state}`);
      expect([manager, ...states.sort()]).toEqual(['down', 'duo/api exited', 'duo/db exited', 'web/app exited']);
    } finally {
      await host.close();
    }
  });
});
