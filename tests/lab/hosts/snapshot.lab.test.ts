import { existsSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Sick } from '../../../models/host.ts';
import { boot, labAvailable, openPool, snapshot, tracesOf } from '../../../src/hosts/lab/index.ts';

const unit = `[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=podman run -d --replace --name probe localhost:5000/probe:stable
ExecStop=podman stop probe
[Install]
WantedBy=default.target
`;

test.skipIf(!labAvailable().ok)('machines boot into a prepared state, each with a copy of its own', async () => {
  const key = `test ${process.pid} ${Date.now()}`;
  let prepared = 0;
  const made = await snapshot(key, async machine => {
    prepared++;
    await machine.channel.run('echo prepared > /etc/stackfuzz-note; rm /etc/hostname', { as: 'root' });
    const script = `mkdir -p ~/.config/systemd/user; cat > ~/.config/systemd/user/probe.service <<'E'\n${unit}\nE
      systemctl --user daemon-reload; systemctl --user enable --now probe; mkdir ~/foreign
      podman unshare chown 7:7 ~/foreign; podman create --name other localhost:5000/probe:v2`;
    expect(await machine.channel.run(script)).toMatchObject({ status: 0 });
  });
  try {
    expect(await snapshot(key, () => expect.unreachable('it is there already'))).toEqual(made);
    const pool = openPool({ snapshot: made });
    const [one, two] = [await pool.take(), await pool.take()];
    try {
      const look = `cat /etc/stackfuzz-note; ls /etc/hostname; systemctl --user is-active probe; stat -c %u ~/foreign
        podman ps -a --format '{{.Names}} {{.State}}' --sort names; podman image ls --format {{.Tag}} | sort`;
      const expected = 'prepared\nactive\n200006\nother created\nprobe running\nstable\nv2\n';
      expect((await one.channel.run(look)).stdout).toBe(expected);
      await one.channel.run('podman rm -fa; rm -r ~/.config');
      await one.channel.run('echo spoilt > /etc/stackfuzz-note', { as: 'root' });
      expect((await two.channel.run(look)).stdout).toBe(expected);
    } finally {
      await pool.close();
      await Promise.all([one.down(), two.down()]);
    }
    await expect(pool.take()).rejects.toThrow(Sick);
    expect(prepared).toBe(1);
    expect([one, two].flatMap(machine => tracesOf(machine.name))).toEqual([]);
  } finally {
    rmSync(made.directory, { recursive: true });
  }
});

test.skipIf(!labAvailable().ok)('a preparation that fails keeps nothing', async () => {
  const key = `failing test ${process.pid}`;
  let name = '';
  let seen = '';
  const failing = snapshot(key, async machine => {
    name = machine.name;
    throw new Error('not this time');
  });
  await expect(failing).rejects.toThrow('not this time');
  expect(tracesOf(name)).toEqual([]);
  const made = await snapshot(key, async () => {
    seen = 'prepared anew';
  });
  expect([seen, existsSync(made.directory)]).toEqual(['prepared anew', true]);
  const machine = await boot({ snapshot: made });
  await machine.down();
  rmSync(made.directory, { recursive: true });
});
