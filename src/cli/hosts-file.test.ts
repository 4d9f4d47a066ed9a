import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { Problem } from '../problem.ts';
import { recipientIn } from './commands/nightly/notify.ts';
import { leftOutOf, notifiedOf, ownHostOf, readHostsFile, rolloutOf, usualHostsFile } from './hosts-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'stackfuzz-hosts-'));
const file = join(folder, usualHostsFile);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const least = `hosts:
  wsl:
    environment: non-prod
    transport: { ssh: { destination: abl030@wsl } }
    operator: abl030
    commands: { rebuild: nixos-rebuild switch --flake .#wsl }
    declaration: ~/nixos/stackfuzz.json
    stacks: { prefix: fz }
`;

function read(text: string) {
  writeFileSync(file, text);
  return readHostsFile(file);
}

function problemOf(text: string): string {
  try {
    read(text);
  } catch (error) {
    expect(error).toBeInstanceOf(Problem);
    return (error as Problem).message.replaceAll(file, 'FILE');
  }
  return 'nothing is wrong';
}

test('what is not said is what does least', () => {
  expect(read(least).get('wsl')).toEqual({
    name: 'wsl',
    where: `${file}:2`,
    environment: 'non-prod',
    transport: { kind: 'ssh', destination: 'abl030@wsl', options: [] },
    operator: 'abl030',
    root: 'none',
    owner: '~/.config/systemd/user',
    profile: 'home-manager',
    provider: null,
    commands: { rebuild: { run: 'nixos-rebuild switch --flake .#wsl', as: 'operator' } },
    declaration: '~/nixos/stackfuzz.json',
    prefix: 'fz',
    operations: { only: null, allow: [], refuse: [] },
    budgets: { search: null, unattended: 600 },
    quietHours: null,
    probe: { image: 'localhost:5000/probe' },
    expendable: [],
    production: [],
  });
});

test('paths are seen from the file, and ~ is the home of whoever runs stackfuzz', () => {
  const text = least
    .replace('destination: abl030@wsl', 'destination: wsl, config: ssh/config, identity: ~/.ssh/fuzz, port: 2222')
    .replace('operator: abl030', 'operator: abl030\n    profile: ./mine\n    owner: nixos-etc')
    .replace('rebuild: nixos-rebuild', 'rollback: { run: undo, as: root }, rebuild: nixos-rebuild');
  expect(read(text).get('wsl')).toMatchObject({
    transport: { config: join(folder, 'ssh/config'), identity: join(homedir(), '.ssh/fuzz'), port: 2222 },
    profile: join(folder, 'mine'),
    owner: '/etc/systemd/user',
    commands: { rollback: { run: 'undo', as: 'root' } },
  });
});

test.each([
  ['an unknown key', ['operator:', 'operater:'], 'FILE:5: expected only keys that docs/hosts.md knows (environment,'],
  ['an unknown key', ['operator:', 'operater:'], 'found hosts.wsl.operater; did you mean operator?'],
  [
    'an unknown key of ssh',
    ['destination: abl030@wsl', 'destination: x, prot: 22'],
    'FILE:4: expected only keys that docs/hosts.md knows (destination, port, config, identity, options), found hosts.wsl.transport.ssh.prot; did you mean port?',
  ],
  ['a host twice', ['', least.slice(least.indexOf('  wsl'))], 'FILE:9: expected YAML, found Map keys must be unique'],
  [
    'no rebuild command',
    ['rebuild: nixos-rebuild switch --flake .#wsl', 'rollback: undo'],
    'FILE:6: expected hosts.wsl.commands.rebuild to be right (the command of yours that makes the declaration true, such as home-manager switch), found nothing',
  ],
  [
    'no commands',
    ['    commands: { rebuild: nixos-rebuild switch --flake .#wsl }\n', ''],
    'FILE:2: expected hosts.wsl.commands to be right (rebuild and what else there is, or the word profile), found nothing',
  ],
  [
    'no place for the declaration',
    ['    declaration: ~/nixos/stackfuzz.json\n', ''],
    'FILE:6: expected declaration beside commands: where the wanted declaration is written, which your Nix code imports, found none',
  ],
  [
    'an owner that there is not',
    ['stacks:', 'owner: homemanager\n    stacks:'],
    'FILE:8: expected hosts.wsl.owner to be right (Invalid option: expected one of "home-manager"|"nixos-etc"), found "homemanager"',
  ],
  [
    'a prefix that some production stack has',
    ['prefix: fz', "prefix: ''"],
    'FILE:8: expected hosts.wsl.stacks.prefix to be right (small letters and digits, a letter first, 2 to 12 of them), found ""',
  ],
  [
    'another way to get there',
    ['{ ssh: { destination: abl030@wsl } }', 'telnet'],
    'FILE:4: expected hosts.wsl.transport to be right (local, or ssh with a destination), found "telnet"',
  ],
  [
    'a destination that ssh would take for a flag',
    ['destination: abl030@wsl', 'destination: -oProxyCommand=x'],
    'FILE:4: expected hosts.wsl.transport.ssh.destination to be right (one word that does not begin with -), found "-oProxyCommand=x"',
  ],
  [
    'a budget that is no time',
    ['stacks:', 'budgets: { search: long }\n    stacks:'],
    'FILE:8: expected hosts.wsl.budgets.search to be right (a duration such as 90s, 10m or 1h30m), found "long"',
  ],
  [
    'the name of another kind of machine',
    ['  wsl:', '  lab:'],
    'FILE:2: expected the name of a machine: letters, digits, dots and hyphens, and not lab, simulator or local, found lab',
  ],
  [
    'no hosts at all',
    [least, 'machines: {}\n'],
    'FILE:1: expected only keys that docs/hosts.md knows (hosts, production, notify, rollouts)',
  ],
  ['an empty file', [least, ''], 'FILE:1: expected a map with the key hosts, found null'],
])('%s is told with its line', (_, [from = '', to = ''], words) => {
  expect(problemOf(from === '' ? `${least}${to}` : least.replace(from, to))).toContain(words);
});

test('a machine that there is not, and a file that there is not', () => {
  read(least);
  expect(ownHostOf('wsl', file).operator).toBe('abl030');
  expect(() => ownHostOf('wls', file)).toThrow('found wls; did you mean wsl?');
  expect(() => ownHostOf('wsl', join(folder, 'none.yaml'))).toThrow('found wsl, and no file');
});

test('who is told of nights: a host says it itself, or the file does for all; secrets stand in files', async () => {
  const both = `notify: [{ command: cat }]
${least}    notify:
      - { ntfy: "https://ntfy.example/stacks", token: { file: ./token } }
      - { webhook: { file: ~/hook } }
      - { gotify: "https://gotify.example/message", token: { env: GOTIFY } }
`;
  read(both);
  expect(notifiedOf('wsl', file)).toEqual([
    { way: 'ntfy', to: 'https://ntfy.example/stacks', token: { file: join(folder, 'token') }, where: `${file}:11` },
    { way: 'webhook', to: { file: join(homedir(), 'hook') }, token: null, where: `${file}:12` },
    { way: 'gotify', to: 'https://gotify.example/message', token: { env: 'GOTIFY' }, where: `${file}:13` },
  ]);
  read(`notify: [{ command: cat }]\n${least}`);
  expect(notifiedOf('wsl', file)).toMatchObject([{ way: 'command', to: 'cat', token: null }]);
  read(`notify: [{ webhook: { file: hook }, token: { file: token } }]\n${least}`);
  const [notified] = notifiedOf('wsl', file);
  if (notified === undefined) throw new Error('nobody is told');
  await expect(recipientIn(notified)).rejects.toThrow(`expected a file with one word, file:${join(folder, 'hook')}`);
  writeFileSync(join(folder, 'hook'), 'sesame-1\n');
  await expect(recipientIn(notified)).rejects.toThrow(/^(?!.*sesame).*found something else in .*hook/s);
  writeFileSync(join(folder, 'hook'), 'https://hooks.example/sesame-1\n');
  writeFileSync(join(folder, 'token'), 'sesame 2\n');
  await expect(recipientIn(notified)).rejects.toThrow(
    /^(?!.*sesame).*expected one word in file:.*token, found several/s,
  );
  writeFileSync(join(folder, 'token'), 'sesame-2\n');
  expect(await recipientIn(notified)).toEqual({
    way: 'webhook',
    to: 'https://hooks.example/sesame-1',
    token: 'sesame-2',
  });
});

test('the example in contrib/ is right', () => {
  const example = fileURLToPath(new URL('../../contrib/stackfuzz.yaml', import.meta.url));
  expect([...readHostsFile(example).keys()]).toEqual(['wsl', 'igpu', 'proxmox-vm']);
  expect(rolloutOf('phase-2.5', example)).toEqual(['igpu', 'proxmox-vm']);
});

test('a host’s scenarios that rollouts leave out stand in its entry', () => {
  read(`${least}    rollout: { leaveOut: [S11] }\n`);
  expect(leftOutOf('wsl', file)).toEqual({ scenarios: ['S11'], where: `${file}:9` });
  read(least);
  expect(leftOutOf('wsl', file).scenarios).toEqual([]);
  expect(problemOf(`${least}    rollout: { leaveout: [S11] }\n`)).toContain('leaveout; did you mean leaveOut?');
});

test('a registry that stackfuzz brings has a port of the loopback, and is its own', () => {
  const served = (probe: string): string => `${least}    probe: { serve: true${probe} }\n`;
  expect(read(served(', image: "127.0.0.1:5055/probe"')).get('wsl')?.probe).toEqual({
    image: '127.0.0.1:5055/probe',
    serve: true,
  });
  expect(read(`${served('')}    root: sudo\n`).get('wsl')?.probe).toEqual({
    image: 'localhost:5000/probe',
    serve: true,
    unit: 'stackfuzz-registry.service',
    tags: '~/.local/share/stackfuzz/registry/tags',
  });
  expect(problemOf(served(', image: "nas:5000/probe"'))).toMatch(
    /FILE:9: expected an image at a port of the loopback.*found nas:5000\/probe/,
  );
  expect(problemOf(served(', unit: mine.service'))).toContain('FILE:9: expected no probe.unit and no probe.tags');
});
