import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadProfile } from '../../../src/profiles/profile.ts';

const stack = join(loadProfile('hardened').directory, 'stack/stack');

/** A container in the form in which the wrapper asks podman for it; its processes are this one and its parent. */
const line = (health: string, probes: number, { pid = process.pid, interval = 30 } = {}) =>
  `web|app|running|web-app-1|web-stack.service|${health}|DEFINITION|${pid}|c0ffee|${process.ppid}|0|${probes}|${interval}|0||`;

/**
 * Runs a start by the wrapper with stand-ins for systemctl and podman: what podman shows at each look, the last look for good.
 * Returns its status, its output, and how long it slept between the looks.
 */
function start(...looks: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'stackfuzz-start-'));
  const program = (name: string, text: string) =>
    writeFileSync(join(folder, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
  try {
    mkdirSync(join(folder, 'run'));
    writeFileSync(join(folder, 'web-stack.service'), '[X-Stack]\nName=web\nServices=app\nSecrets=\nPatience=8\n');
    looks.forEach((text, index) => {
      writeFileSync(join(folder, `look-${index}`), `${text}\n`);
    });
    program('systemctl', `case "$*" in *FragmentPath*) echo ${folder}/web-stack.service;; *) echo A=b;; esac`);
    program('sleep', `echo "$1" >> ${folder}/slept`);
    program(
      'podman',
      `case "$1 $2" in
'ps --all') [ ! -e ${folder}/up ] || echo c0ffee;;
'compose -f') touch ${folder}/up;;
'container inspect')
  n=$(cat ${folder}/looks 2>/dev/null || echo 0); echo $((n + 1)) > ${folder}/looks
  [ -e ${folder}/look-$n ] || n=${looks.length - 1}
  sed "s/DEFINITION/$STACK_DEFINITION/" ${folder}/look-$n;;
'rm --force') rm ${folder}/up;;
--version*) echo 'podman version 5.4.2';;
esac`,
    );
    const env = {
      ...{ PATH: `${folder}:${process.env.PATH}`, HOME: folder, XDG_RUNTIME_DIR: join(folder, 'run') },
      ...{ PODMAN_SYSTEMD_UNIT: 'web-stack.service', COMPOSE_PROJECT_NAME: 'web', PODMAN_COMPOSE_PROVIDER: 'compose' },
    };
    const { status, stderr } = spawnSync('bash', [stack, 'up', 'compose.yml'], { encoding: 'utf8', env });
    const slept = existsSync(join(folder, 'slept'))
      ? readFileSync(join(folder, 'slept'), 'utf8').trim().split('\n')
      : [];
    return { status, stderr, slept };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('a healthcheck that cannot decide within the patience is not waited for', () => {
  const starting = 'web-stack.service: container web/app is starting\n';
  expect(start(line('starting', 1))).toEqual({ status: 1, stderr: starting, slept: [] });
});

test('another probe that comes within the patience is waited for', () => {
  expect(start(line('starting', 1, { interval: 5 }), line('healthy', 2, { interval: 5 }))).toEqual({
    status: 0,
    stderr: '',
    slept: ['0.2'],
  });
});

test('a container is shown with as many fields as podman is asked for', () => {
  const asked = readFileSync(join(stack, '../stacks.sh'), 'utf8').match(/^container_format\+?=.*$/gm) ?? [];
  // A label ends with a bar of its own.
  const bars = asked.join('').match(/\||\$\(label /g) ?? [];
  expect(bars.length).toBe(line('', 0).split('|').length - 1);
});

test('the first probe of a healthcheck is waited for', () => {
  expect(start(line('starting', 0), line('starting', 0), line('healthy', 1))).toEqual({
    status: 0,
    stderr: '',
    slept: ['0.2', '0.2'],
  });
});
