import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hasAllServices } from './lab-machines.ts';

const noted = 'dbus.service\nhome-manager-homelab.service\n';

test.each([
  ['all of them', ['dbus', 'home-manager-homelab', 'user@1500'], noted, true],
  ['the way in is none of them', ['dbus', 'home-manager-homelab', 'stackfuzz-root@1'], noted, true],
  ['one is lost', ['dbus', 'user@1500'], noted, false],
  ['none is active', [], noted, false],
  ['none was noted', ['dbus'], '', false],
])('whether a boot left every system service active: %s', (_, active, before, all) => {
  const folder = mkdtempSync(join(tmpdir(), 'stackfuzz-services-'));
  try {
    const lines = active.map(name => `${name}.service loaded active exited A service`);
    writeFileSync(join(folder, 'systemctl'), `#!/bin/sh\nprintf '%s\\n' ${lines.map(each => `'${each}'`).join(' ')}`, {
      mode: 0o755,
    });
    writeFileSync(join(folder, 'noted'), before);
    const script = hasAllServices.replace('/var/lib/stackfuzz/services', join(folder, 'noted'));
    const env = { PATH: `${folder}:${process.env.PATH}`, LC_ALL: 'C' };
    expect(spawnSync('bash', ['--norc', '-c', script], { env }).status === 0).toBe(all);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
