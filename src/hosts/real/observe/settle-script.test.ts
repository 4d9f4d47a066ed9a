import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { managerAndPodmanScript } from './manager-and-podman-script.ts';
import { settling } from './settle-script.ts';

const id = 'c0ffee00'.repeat(8);
const started = '2026-11-25T22:41:18.5Z';
const finished = '2026-11-25T22:41:28.5Z';

/** A container as podman inspects it, with its fields in podman's order. */
const container = (state: object = {}, policy = 'no', health: object | null = null) => ({
  Id: id,
  Created: '2026-11-25T22:41:18.1Z',
  State: {
    Status: 'running',
    Pid: 11,
    ConmonPid: 10,
    StartedAt: started,
    FinishedAt: finished,
    Health: health,
    ...state,
  },
  Image: 'f'.repeat(64),
  RestartCount: 0,
  HostConfig: { RestartPolicy: { Name: policy, MaximumRetryCount: 0 }, PidMode: 'private' },
});

/** Why a container may still change, by the functions of the script, with the output of each way of asking podman. */
function reasons(one: object, { manager = 'running', pids = [1, 10, 11], timer = '' } = {}) {
  const functions = settling.slice(0, settling.indexOf('\nhalts=0 looks=0'));
  const ask = (json: string) => {
    const script = `${functions}
find_unsettled
for one in "\${unsettled[@]}"; do one=\${one#* }; printf '%s\\n' "\${one%% 2026*}"; done
echo "passing $passing"`;
    const seen = `@@ containers\n[{"Id":"${id}","State":"running"}]\n[]\n[]\n[]\n${json}\n\n@@ pids\n${pids.map(pid => `/proc/${pid}`).join(' ')}\n`;
    const units = timer === '' ? '' : `["${timer}","loaded"],["other.timer","loaded"]`;
    const env = { PATH: process.env.PATH, LC_ALL: 'C', seen, units, manager };
    const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8', env });
    expect([status, stderr]).toEqual([0, '']);
    return stdout.trim().split('\n');
  };
  const byCommand = ask(JSON.stringify([one], null, 5));
  expect(ask(JSON.stringify(one))).toEqual(byCommand);
  return byCommand;
}

test('a container that runs with its processes, or has ended and was cleaned up, is at rest', () => {
  expect(reasons(container())).toEqual(['passing no']);
  expect(reasons(container({ Status: 'exited', Pid: 0, ConmonPid: 0 }))).toEqual(['passing no']);
  expect(reasons(container({ Status: 'exited', Pid: 0, ConmonPid: 0 }), { timer: 'other.timer' })).toEqual([
    'passing no',
  ]);
});

test('a process that podman believes in and that is gone is one to wait for', () => {
  expect(reasons(container(), { pids: [1, 11] })).toEqual(['lost-10 running', 'passing no']);
  expect(reasons(container(), { pids: [1, 110] })).toEqual(['lost-11 lost-10 running', 'passing no']);
});

test('so is one that stopped and was not cleaned up, its timer, and one that may run again', () => {
  const gone = { Pid: 0, ConmonPid: 0 };
  expect(reasons(container({ Status: 'stopped', ...gone }))).toEqual(['stopped stopped', 'passing no']);
  expect(reasons(container({ Status: 'exited', ...gone }), { timer: `${id}-1a2b.timer` })).toEqual([
    'timer exited',
    'passing no',
  ]);
  expect(reasons(container({ Status: 'exited', ...gone }, 'always'))).toEqual(['policy exited', 'passing no']);
});

test('a health that starts is waited for until its first probe since the start', () => {
  const probed = (at: string) => ({ Status: 'starting', FailingStreak: 0, Log: [{ Start: at, End: at, ExitCode: 1 }] });
  expect(reasons(container({}, 'no', { Status: 'starting', FailingStreak: 0, Log: null }))).toEqual([
    'starting running starting',
    'passing no',
  ]);
  expect(reasons(container({}, 'no', probed('2026-11-25T22:41:17.9Z')))).toEqual([
    'starting running starting',
    'passing no',
  ]);
  expect(reasons(container({}, 'no', probed('2026-11-25T22:41:18.6Z')))).toEqual(['passing no']);
});

test('what stops passes while there is a manager, and may stay so without one', () => {
  expect(reasons(container({ Status: 'stopping' }))).toEqual(['passing yes']);
  expect(reasons(container({ Status: 'stopping' }), { manager: 'down' })).toEqual(['stopping stopping', 'passing no']);
});

test('while podman finds nobody to ask after its monitors have died, the runtime directory is waited for', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stackfuzz-look-'));
  try {
    // It fails as podman does then; the third time logind has removed the directory.
    const podman = `#!/bin/sh
echo >> ${folder}/asked
[ "$(wc -l < ${folder}/asked)" -lt 3 ] || rm -rf ${folder}/runtime
echo 'could not find any running process' >&2; exit 1`;
    writeFileSync(join(folder, 'podman'), podman, { mode: 0o755 });
    const env = { PATH: `${folder}:${process.env.PATH}`, XDG_RUNTIME_DIR: join(folder, 'runtime') };
    const script = `mkdir "$XDG_RUNTIME_DIR"\n${managerAndPodmanScript}\nask_command`;
    const { stdout } = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8', env });
    expect(stdout).toBe('@@ homeless\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('where podman finds nobody to ask for good, it is told in which state the machine is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stackfuzz-look-'));
  try {
    writeFileSync(join(folder, 'podman'), "#!/bin/sh\necho 'no such process' >&2; exit 1", { mode: 0o755 });
    const env = { PATH: `${folder}:${process.env.PATH}`, XDG_RUNTIME_DIR: folder, manager: 'down' };
    const script = `${managerAndPodmanScript}\nsleep() { :; }\nask_command`;
    const { stdout } = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8', env });
    expect(stdout).toContain(`@@ blind
no such process
the user manager: down; its runtime directory is mounted: no; podman's pause process was there before: no
`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each([
  ['yes', '[]\n[ {"name": "net"}]\n[]\n[ {"Name": "vol"}]\n\n'],
  ['no', '[]\n[]\n[]\n[]\n\n'],
])('without its socket podman is asked for networks and volumes where stacks have own ones: %s', (own, printed) => {
  const folder = mkdtempSync(join(tmpdir(), 'stackfuzz-look-'));
  try {
    const podman = `#!/bin/sh
case $1 in network) printf '[\\n {"name": "net"}\\n]\\n';; volume) printf '[\\n {"Name": "vol"}\\n]\\n';; esac`;
    writeFileSync(join(folder, 'podman'), podman, { mode: 0o755 });
    const env = { PATH: `${folder}:${process.env.PATH}`, XDG_RUNTIME_DIR: folder, own };
    const script = `${managerAndPodmanScript}\nask_command`;
    const { stdout } = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8', env });
    expect(stdout).toBe(printed);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each([
  ['what is at rest is looked at once', '', 'look'],
  [
    'what does not change any more is glanced at, and the whole is looked at in the end',
    'lost-1',
    'look glance glance glance glance look',
  ],
])('%s', (_, awaited, seen) => {
  const script = `${settling.slice(0, settling.indexOf('section rested'))}
echo "$rested"`;
  const stubs = `bound=60 still= manager=running
ask_manager() { :; }
quiet_manager() { :; }
sleep() { :; }
look() { printf 'look ' >&2; }
glance() { printf 'glance ' >&2; }`;
  const replaced = script.replace(
    '\nhalts=0 looks=0',
    `\nfind_unsettled() { unsettled=(${awaited && `'id ${awaited}'`}) passing=no torn=no; }\nis_at_work() { false; }\nhalts=0 looks=0`,
  );
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', `${stubs}${replaced}`], { encoding: 'utf8' });
  expect([stdout, stderr]).toEqual(['yes\n', `${seen} `]);
});

describe('podman is asked over its socket', () => {
  let folder: string;
  let server: Server;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stackfuzz-look-'));
    server = createServer((request, response) => {
      if (request.url === '/parts') {
        response.write('[{"Id":');
        response.end('"\u00e9"}]\n');
      } else if (request.url === '/whole') response.setHeader('Content-Length', 3).end('[]\n');
      else if (request.url === '/broken-off') response.write('[{"Id"', () => response.destroy());
      else response.setHeader('Content-Length', 9).write('[]\n', () => response.destroy());
    });
    await new Promise<void>(done => server.listen(join(folder, 'socket'), done));
    return () => {
      server.close();
      rmSync(folder, { recursive: true });
    };
  });
  const ask = async (...paths: readonly string[]) => {
    const functions = managerAndPodmanScript.replace(/^socket=.*$/m, 'socket=$1');
    const script = `${functions}\nask_podman "\${@:2}"; echo "status $?"`;
    const asked = spawn('bash', ['--norc', '-c', script, 'bash', join(folder, 'socket'), ...paths]);
    let said = '';
    for (const stream of [asked.stdout, asked.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()));
    await once(asked, 'close');
    return said;
  };

  test('an answer in parts, and one of a known length', async () => {
    expect(await ask('/parts', '/whole')).toBe('[{"Id":"é"}]\n[]\nstatus 0\n');
  });

  test.each(['/broken-off', '/cut'])('half an answer is none: %s', async path => {
    expect(await ask(path)).toMatch(/status [1-9]\d*\n$/);
  });

  test('a socket where nobody listens is a failure', async () => {
    rmSync(join(folder, 'socket'));
    expect(await ask('/whole')).toMatch(/^status [1-9]\d*\n$/);
  });
});
