import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Sick } from '../../models/host.ts';
import type { Channel, Ran } from '../hosts/transport/channel.ts';
import { audit } from './audit.ts';

const operator = { name: 'homelab', uid: 1500, home: '/home/homelab' };

/**
 * What a lab machine without a profile answered, on which units were made by hand: web.service (podman compose in a folder of its
 * own, one service of which is a job), blog.service (podman run, no label), tidy.service (podman run, and done), and a quadlet.
 */
const byHand = readFileSync(fileURLToPath(new URL('../../tests/fixtures/audit/by-hand.txt', import.meta.url)), 'utf8');

const answering = (stdout: string, ran: Partial<Ran> = {}): Channel => ({
  run: async () => ({ status: 0, stdout, stderr: '', timedOut: false, truncated: false, ...ran }),
  close: async () => {},
});
const audited = (text: string) => audit(answering(text), operator);
/** What is found once a part of the answer is another; it has to be there. */
async function found(part: string | RegExp, other: string): Promise<readonly string[]> {
  const text = byHand.replace(part, other);
  expect(text).not.toBe(byHand);
  return (await audited(text)).findings.map(({ kind, subject, says }) => `${kind}: ${subject} ${says}`);
}

describe('units that were made by hand', () => {
  test('are known by what they run, and nothing is said against them', async () => {
    const { units, findings } = await audited(byHand);
    expect(findings).toEqual([]);
    expect(units.map(({ name, owner, project, containers }) => [name, owner, project, containers.length])).toEqual([
      ['blog.service', 'hand', null, 1],
      ['quad.service', 'generator', null, 1],
      ['web.service', 'hand', 'web', 3],
    ]);
  });

  test.each<[string, string | RegExp, string, string]>([
    [
      'a variable that the compose file has otherwise',
      'environment: [A=b,',
      'environment: [A=c,',
      'freshness: container web-app-1 was made from another definition: variable A',
    ],
    [
      'an image that the compose file has otherwise',
      'app: { image: "localhost:5000/probe:v1"',
      'app: { image: "localhost:5000/probe:v9"',
      'freshness: container web-app-1 was made from another definition: the image',
    ],
    [
      'a service without a container',
      'services:\n',
      'services:\n  more: { image: x }\n',
      'health: web/more has no container',
    ],
    [
      'a container whose service is gone',
      /^ {2}late: .*$/m,
      '',
      'orphan: container web-late-1 is of service late, which ~/apps/web/compose.yaml does not have',
    ],
    [
      'a job that nobody waits for',
      /, depends_on: .*(?= \}$)/m,
      '',
      'health: container web-job-1 has ended with status 0',
    ],
    [
      'a compose file that cannot be read',
      'services:\n',
      'services: [\n',
      'health: ~/apps/web/compose.yaml cannot be read',
    ],
    [
      'a file that was changed since',
      /(?<=^f\tf\t\d+\t[\d.]+\t)[\d.]+(?=\t\S*\/web\.service\t)/m,
      '9999999999.0',
      'freshness: ~/.config/systemd/user/web.service was changed after the unit was started',
    ],
    [
      'another definition in memory',
      'argv[]=/usr/bin/podman compose up -d ;',
      'argv[]=/usr/bin/podman compose up --detach ;',
      'drift: web.service has another ExecStart in memory',
    ],
    ['no linger', '@@ linger\nyes', '@@ linger\n', 'manager: user manager of homelab does not linger'],
    ['a manager that is down', '@@ manager\nrunning', '@@ manager\ndown', 'manager: user manager of homelab is down'],
  ])('%s is told', async (_, part, other, prefix) => {
    const all = await found(part, other);
    expect(
      all.filter(line => line.startsWith(prefix)),
      all.join('\n'),
    ).toHaveLength(1);
  });

  test('what a unit runs by name is its own, whatever project it says it is of', async () => {
    // The second of them is what podman inspect says of the container.
    const [before = '', middle = '', ...rest] = byHand.split(
      '"Labels":{"io.buildah.version":"1.39.3","stackfuzz.version":"v2"}',
    );
    expect(rest).not.toEqual([]);
    const labelled = '"Labels":{"com.docker.compose.project":"blog"}';
    const { units, findings } = await audited([before, middle, ...rest].join(labelled));
    expect(findings.filter(({ kind }) => kind === 'orphan')).toEqual([]);
    expect(units.map(({ name, containers }) => [name, containers.length])[0]).toEqual(['blog.service', 1]);
  });

  test('values of variables are not told', async () => {
    expect((await found('environment: [A=b,', 'environment: [A=hunter2,')).join()).not.toContain('hunter2');
  });
});

/**
 * What a lab machine answered that was laid out as NixOS is, with Home Manager in it: /etc/systemd/user leads by way of /etc/static
 * into the store, as does the system that is current; nix.service is NixOS's, and home.service Home Manager's.
 */
const onNixos = readFileSync(fileURLToPath(new URL('../../tests/fixtures/audit/nixos.txt', import.meta.url)), 'utf8');

describe('units on NixOS', () => {
  const told = async (text: string): Promise<readonly string[]> =>
    (await audited(text)).findings.map(({ kind, subject, says }) => `${kind}: ${subject} ${says}`);

  test('have NixOS or Home Manager for their owner, and nothing is said against them', async () => {
    const { units, findings } = await audited(onNixos);
    expect(units.map(({ name, owner }) => [name, owner])).toEqual([
      ['home.service', 'Home Manager'],
      ['nix.service', 'NixOS'],
    ]);
    expect(findings).toEqual([]);
  });

  test.each([
    [
      'a link past the current system',
      /^(l\tf\t.*\/etc\/systemd\/user\/nix\.service\t).*$/m,
      '$1/home/homelab/nix.service',
      "ownership: /etc/systemd/user/nix.service is a link to ~/nix.service, not the link of NixOS's current generation",
    ],
    [
      'a link of an earlier generation of Home Manager',
      /^(l\tf\t.*\/user\/home\.service\t\/nix\/store\/)eee(?=-home-manager-files\/\.config\/systemd\/user\/home)/m,
      '$1old',
      "ownership: ~/.config/systemd/user/home.service is a link to /nix/store/old-home-manager-files/.config/systemd/user/home.service, not the link of Home Manager's current generation",
    ],
    [
      'a regular file in the place of a link',
      /^l(\tf\t.*\/user\/home\.service\t)\S+$/m,
      'f$1',
      "ownership: ~/.config/systemd/user/home.service is a regular file, not the link of Home Manager's current generation",
    ],
  ])('%s is told', async (_, part, other, says) => {
    const text = onNixos.replace(part, other);
    expect(text).not.toBe(onNixos);
    expect(await told(text)).toContain(says);
  });
});

test('in a migration each unit has one owner, the one that is asked for', async () => {
  const of = async (owner: 'home-manager' | 'nixos-etc', text = byHand) =>
    (await audit(answering(text), operator, { owner })).findings
      .filter(({ unit }) => unit === 'web.service')
      .map(({ subject, says }) => `${subject} ${says}`);
  expect(await of('home-manager')).toEqual([]);
  expect(await of('nixos-etc')).toEqual([
    'web.service has no file of nixos-etc, which is to own it',
    '~/.config/systemd/user/web.service is of home-manager, though nixos-etc is to be the only owner',
    'web.service is loaded from ~/.config/systemd/user/web.service, which is not of nixos-etc',
  ]);
  // The other owner's file, left behind.
  const line =
    /^f\tf\t\d+\t\S+\t\S+\t\/home\/homelab\/\.config\/systemd\/user\/web\.service\t$/m.exec(byHand)?.[0] ?? '';
  const both = byHand.replace(line, `${line}\n${line.replace('/home/homelab/.config', '/etc')}`);
  expect(both).not.toBe(byHand);
  expect(await of('home-manager', both)).toContain(
    '/etc/systemd/user/web.service is of nixos-etc, though home-manager is to be the only owner',
  );
});

test('a packed answer says the same', async () => {
  const packed = `packed\n${gzipSync(byHand).toString('base64')}`;
  expect(await audited(packed)).toEqual(await audited(byHand));
});

test.each<[string, Channel]>([
  ['no time', answering('', { timedOut: true })],
  ['too much', answering(byHand, { truncated: true })],
  ['a failure', answering('', { status: 127, stderr: 'bash: not found' })],
  ['half of it', answering(byHand.slice(0, -200))],
  ['a torn pack', answering('packed\nH4sIAAAA')],
  ['no podman', answering(byHand.replace('@@ podman\n', '@@ podman\n@@ blind\nthere is no podman in PATH\n'))],
])('an answer that says nothing (%s) is no finding', async (_, channel) => {
  await expect(audit(channel, operator)).rejects.toThrow(Sick);
});
