import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { digestOf, isOn, projectEffect, projectSettings } from '../../../../models/machine/compose-project.ts';
import { ownStack } from '../../../../models/machine/own-stack.ts';
import { wide } from '../../../../tests/helpers/own-stack.ts';
import { recorded } from '../../../../tests/helpers/recorded.ts';
import { labOperator } from '../../paths.ts';
import { effectsScript } from './effects-script.ts';
import { type Look, understood } from './look.ts';
import { observed } from './observe.ts';
import { nothingOwn, type OwnServices, withDeclared } from './own-services.ts';

const given = (provider: string) => ({
  stacks: { media: { revision: 2, ...ownStack('media', wide(provider)) } },
});

const ownOf = (provider: string): OwnServices => withDeclared(nothingOwn, given(provider));

/** A recorded look, with some of its text replaced. */
const lookAt = (provider: string, ...replaced: readonly (readonly [string, string])[]): Look => {
  const told = replaced.reduce(
    (now, [from, to]) => {
      if (!now.includes(from)) throw new Error(`the fixture has no ${from}`);
      return now.replaceAll(from, to);
    },
    recorded(`own-${provider}`),
  );
  return understood(told, labOperator, ownOf(provider));
};

const shownOf = (look: Look, service: string) => {
  const found = look.containers.find(one => one.service === `media/${service}`);
  return { settings: found?.container.settings.split('\n'), effect: found?.container.effect.split('\n') };
};

describe.each(['docker-compose', 'podman-compose'])('under %s', provider => {
  test('a machine that does as it is told shows all that a compose file declares, line for line', () => {
    const project = wide(provider);
    const seen = Object.fromEntries(
      lookAt(provider).containers.map(({ service, container }) => [service, [container.settings, container.effect]]),
    );
    const on = Object.entries(project.services).filter(([, service]) => isOn(project, service));
    expect(seen).toEqual(
      Object.fromEntries(
        on.map(([name, service]) => [
          `media/${name}`,
          [projectSettings('media', project, service), projectEffect(project, service)],
        ]),
      ),
    );
  });

  test('a volume without a name belongs to whoever mounts it, until that is gone', () => {
    expect(observed(lookAt(provider), null).seen.leftovers).toEqual([]);
  });

  test('what podman says otherwise is told', () => {
    const stale = lookAt(
      provider,
      ['"o":"size=1m"', '"o":"size=2m"'],
      ['"internal":true', '"internal":false'],
      ['LOG_LEVEL=a=b c $HOME', 'LOG_LEVEL=secret-of-somebody'],
    );
    const lines = shownOf(stale, 'db').settings;
    expect(lines).toContain('mount /cache volume media_cache rw device=tmpfs o=size=2m type=tmpfs');
    expect(lines).toContain('network media_back 10.77.5.0/24');
    expect(lines).toContain('environment LOG_LEVEL has a value that nobody declares');
    expect(JSON.stringify(observed(stale, null))).not.toContain('secret-of-somebody');
  });

  test('a variable that no compose file declares is not told of', () => {
    const look = lookAt(provider, ['"EMPTY="', '"EMPTY=","DB_PASSWORD=correct-horse-battery"']);
    expect(observed(look, null).seen).toEqual(observed(lookAt(provider), null).seen);
    expect(JSON.stringify(observed(look, null))).not.toContain('correct-horse-battery');
  });

  test('a container whose network is that of a container which is gone says so', () => {
    const [, target = ''] = /"container:([0-9a-f]{64})"/.exec(recorded(`own-${provider}`)) ?? [];
    const look = lookAt(provider, [`"container:${target}"`, `"container:${'0'.repeat(64)}"`]);
    expect(shownOf(look, 'client').settings).toEqual(['network_mode of a container that is gone']);
  });

  test('a port that nobody answers is none that is in force', () => {
    expect(shownOf(lookAt(provider, ['\n18081\n', '\n']), 'db').effect).toEqual(['']);
  });
});

test('an old text of a config shows', () => {
  const path = 'root/etc/site.conf';
  const old = digestOf('greeting = hello\n');
  const look = lookAt('docker-compose', [old, digestOf('greeting = bye\n')]);
  expect(recorded('own-docker-compose')).toContain(path);
  expect(shownOf(look, 'app').effect).toContain(`config /etc/site.conf ${digestOf('greeting = bye\n')}`);
});

test('probes, and containers of nobody, have no settings', () => {
  const look = understood(recorded('own-docker-compose'), labOperator);
  expect(look.containers.map(({ container }) => container.settings + container.effect).join('')).toBe('');
});

test('what is somebody else’s is nothing left over', () => {
  const lone = { Name: 'photos', Labels: {}, Options: {} };
  const told = recorded('own-docker-compose').replace(
    '[{"Name":"media_cache"',
    `[${JSON.stringify(lone)},{"Name":"media_cache"`,
  );
  const project = wide('docker-compose');
  const volumes = { ...project.volumes, photos: { driverOpts: {}, external: true, name: null } };
  const own = withDeclared(nothingOwn, {
    stacks: { media: { revision: 2, ...ownStack('media', { ...project, volumes }) } },
  });
  expect(observed(understood(told, labOperator, ownOf('docker-compose')), null).seen.leftovers).toEqual([
    'volume photos',
  ]);
  expect(observed(understood(told, labOperator, own), null).seen.leftovers).toEqual([]);
});

test.each(['', 'greeting = hello\n', 'ä'.repeat(300), 'x'.repeat(70_000)])(
  'a digest is what cksum prints: %.10s',
  text => {
    expect(digestOf(text)).toBe(spawnSync('cksum', { input: text, encoding: 'utf8' }).stdout.trim());
  },
);

/** What the script prints of containers as podman's socket shows them. */
async function effects(containers: readonly object[], asked: string): Promise<string> {
  const script = `section() { printf '@@ %s\\n' "$1"; }
${asked}
containers=$(cat)
${effectsScript}
see_effects`;
  const bash = spawn('bash', ['--norc', '-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  bash.stdin.end(containers.map(one => JSON.stringify(one)).join('\n'));
  return text(bash.stdout);
}

test('a file is read in the root of each process that runs, by one program', async () => {
  const running = { State: { Status: 'running', Pid: process.pid, ConmonPid: 1 } };
  const ended = { State: { Status: 'exited', Pid: 0, ConmonPid: 0 } };
  const asked = `configs=(/proc/version '/no such file') ports='  '`;
  expect(await effects([running, ended], asked)).toMatch(
    new RegExp(`^@@ configs\n\\d+ \\d+ /proc/${process.pid}/root/proc/version\n$`),
  );
  expect(await effects([running], `configs=() ports='  '`)).toBe('');
});

test('every port that is declared is asked, and again only where what publishes it was inspected and runs', async () => {
  const server = createServer((_, answer) => answer.end('x'));
  onTestFinished(() => void server.close());
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const ask = (Status: string, ports: string) => {
    const PortBindings = { '80/tcp': [{ HostIp: '', HostPort: `${port}` }] };
    return effects([{ State: { Status }, HostConfig: { PortBindings } }], `configs=() ports=' ${ports} '`);
  };
  expect(await ask('running', `1 ${port}`)).toBe(`@@ answering\n${port}\n`);
  expect(await ask('exited', `${port}`)).toBe(`@@ answering\n${port}\n`);
  expect(await ask('running', '1')).toBe('@@ answering\n');
  server.close();
  expect(await ask('exited', `${port}`)).toBe('@@ answering\n');
  const late = ask('running', `${port}`);
  server.listen(port, '127.0.0.1');
  expect(await late).toBe(`@@ answering\n${port}\n`);
});

test('of a container that does not run no port answers, whoever else does', () => {
  const told = recorded('own-docker-compose').replace(
    /(\{"Id":"[^\n]*?"Status":")running("[^\n]*"HostPort":"18080")/,
    '$1exited$2',
  );
  const effectOf = (text: string) =>
    understood(text, labOperator, ownOf('docker-compose')).containers.find(one => one.service === 'media/app')
      ?.container.effect;
  expect(effectOf(recorded('own-docker-compose'))).toContain('answers 18080');
  expect(effectOf(told)).not.toContain('answers');
});
