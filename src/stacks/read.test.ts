import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildRoot, labAvailable } from '../hosts/lab/index.ts';
import { Problem } from '../problem.ts';
import { loadProfile } from '../profiles/profile.ts';
import { composeFilesIn } from './find.ts';
import { readStacks } from './read.ts';

const lab = labAvailable();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stackfuzz-own-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes files below the folder, and reads the first one as a stack. */
function read(files: Readonly<Record<string, string>>) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const [stack] = readStacks([{ name: 'box', folder, root: folder, files: [Object.keys(files)[0] ?? ''] }], 'v1');
  if (stack === undefined) throw new Error('nothing was read');
  return stack;
}

describe.skipIf(!lab.ok)(`compose files, read in the lab's root${lab.ok ? '' : ` (skipped: ${lab.fix})`}`, () => {
  beforeAll(async () => void (await buildRoot()), 900_000);

  test('a profile may have a stack in one', () => {
    const { declaration, notes } = loadProfile('tests/profiles/own');
    const { media } = declaration.stacks;
    expect(Object.keys(media?.services ?? {})).toEqual(['app', 'client', 'db', 'migrate', 'vpn']);
    expect(media?.secrets).toEqual(['media']);
    expect(media?.project?.services.shell?.profiles).toEqual(['debug']);
    expect(media?.project?.services.db).toMatchObject({
      restart: 'unless-stopped',
      environment: { LOG_LEVEL: 'info' },
    });
    expect(media?.services.migrate?.ends).toBe(0);
    expect(notes).toEqual([
      'tests/profiles/own/media.yaml: 6 images replaced by stand-ins; which move: app, client; which end: migrate with 0',
    ]);
  });

  test('include, extends, anchors, x- and variables are what the provider makes of them', () => {
    const { project } = read({
      'compose.yaml': [
        'include: [parts/more.yaml]',
        'x-usual: &usual {restart: always}',
        'services:',
        `  a.b_C-d: {<<: *usual, image: "one:\${TAG:-latest}", env_file: a.env}`,
        '  b: {extends: {file: parts/base.yaml, service: base}}',
        `  c: {image: "two:\${NONE:-edge}"}`,
      ].join('\n'),
      '.env': 'TAG=7.2\n',
      'a.env': 'FROM_FILE=x$$y\n',
      'parts/more.yaml': 'services: {more: {image: three}}',
      'parts/base.yaml': 'services: {base: {image: "four:4", environment: {BASE: 1}}}',
    });
    expect(Object.keys(project.services)).toEqual(['a.b_C-d', 'b', 'c', 'more']);
    expect(project.services['a.b_C-d']).toMatchObject({ tag: 'v1', restart: 'always' });
    expect(project.services.b).toMatchObject({ tag: 'v1', environment: { BASE: '1' } });
    expect(project.services.c?.tag).toBe('stable');
  });

  test('nothing outside of the folder is read', () => {
    symlinkSync('/etc/hostname', join(folder, 'link.env'));
    for (const path of ['/etc/hostname', '../x.env', 'link.env', `\${NOWHERE:-/etc/hostname}`]) {
      expect(() => read({ 'compose.yaml': `services:\n  a:\n    image: x\n    env_file: ${path}\n` })).toThrow(
        /compose\.yaml:4: expected a path within/,
      );
    }
  });

  /** What is wrong with a file of these lines, and the line that the message names. */
  const refusals: readonly (readonly [what: string, lines: readonly string[], line: number, words: string])[] = [
    [
      'a cycle',
      ['services:', '  a: {image: x, depends_on: [b]}', '  b: {image: x, depends_on: [a]}'],
      2,
      'a -> b -> a',
    ],
    ['an unknown key', ['services:', '  a:', '    image: x', '    enviroment: {}'], 4, 'enviroment'],
    ['an unknown key at the top', ['services:', '  a:', '    image: x', 'volume: {}'], 4, 'volume'],
    ['a missing include', ['include:', '  - nowhere.yaml', 'services: {}'], 2, 'no nowhere.yaml'],
    [
      'an include from elsewhere',
      ['include:', '  - https://example.org/x.yaml', 'services: {}'],
      2,
      'which is elsewhere',
    ],
    ['a mount of the whole host', ['services:', '  a:', '    image: x', '    volumes: ["/:/host"]'], 4, 'found /'],
    [
      'a port published twice',
      ['services:', '  a: {image: x, ports: ["8080:80"]}', '  b:', '    image: x', '    ports: ["127.0.0.1:8080:81"]'],
      5,
      '8080, which a publishes',
    ],
    [
      'a name that podman refuses',
      ['services: {a: {image: x, volumes: ["vol:/x"]}}', 'volumes:', '  vol:', '    name: "a b"'],
      4,
      '"a b"',
    ],
    [
      'a path of a container that podman refuses',
      ['services:', '  a:', '    image: x', '    volumes: ["d:/d"]', 'volumes: {d: {}}'],
      4,
      '"d:/d"',
    ],
    [
      'subnets that have addresses in common',
      [
        'services: {a: {image: x, networks: [one, two]}}',
        'networks:',
        '  one: {ipam: {config: [{subnet: 10.89.4.0/22}]}}',
        '  two: {ipam: {config: [{subnet: 10.89.5.0/24}]}}',
      ],
      4,
      '10.89.5.0/24, and 10.89.4.0/22',
    ],
    ['a variable that must be set', ['services:', '  a:', `    image: \${TAG:?say which}`], 3, 'say which'],
    ['no service', ['services: {}'], 1, 'found none'],
    ['no compose file', ['just a sentence'], 1, 'found'],
    ['no YAML', ['services: {'], 1, 'YAML'],
    [
      'a file that blows up',
      [
        'a: &a [x, x, x, x, x, x, x, x, x]',
        ...['b a', 'c b', 'd c', 'e d', 'f e', 'g f'].map(pair => {
          const [to, from] = pair.split(' ');
          return `${to}: &${to} [${Array.from({ length: 9 }, () => `*${from}`).join(', ')}]`;
        }),
      ],
      2,
      'aliases',
    ],
  ];
  test.each(refusals)('%s is refused with its line', (_, lines, line, words) => {
    const refusal = () => read({ 'compose.yaml': lines.join('\n') });
    expect(refusal).toThrow(Problem);
    expect(refusal).toThrow(new RegExp(`compose\\.yaml:${line}: expected .*${words.replace(/[.?*+]/g, '\\$&')}`));
  });

  test('a tmpfs that would mount a folder of the machine is a volume of its own', () => {
    const volume = (o: string) =>
      read({
        'compose.yaml': `services: {a: {image: x, volumes: ["all:/all"]}}\nvolumes: {all: {driver_opts: {type: tmpfs, device: /, o: "${o}"}}}`,
      }).project.volumes.all?.driverOpts;
    expect(volume('size=1m,uid=1000')).toEqual({ type: 'tmpfs', device: '/', o: 'size=1m,uid=1000' });
    for (const o of ['bind', 'size=1m,rbind', 'remount,bind', 'move']) expect(volume(o), o).toEqual({});
  });

  test('what comes in otherwise than it is written is said with its line', () => {
    const { project, notes } = read({
      'compose.yaml': [
        'services:',
        '  web:',
        '    build: .',
        '    container_name: mine',
        '    ports: ["80:80", "192.168.1.5:8443:443"]',
        '    restart: on-failure',
        '    volumes:',
        '      - ./site.conf:/etc/site.conf:ro',
        '      - ./data:/data',
        '      - /srv/films:/films',
        '      - ../outside:/outside',
        '      - /var/run/docker.sock:/var/run/docker.sock',
        '    secrets: [key]',
        'secrets: {key: {file: ./key.txt}}',
      ].join('\n'),
      'site.conf': 'port = 80\n',
      'key.txt': 'hidden',
    });
    expect(project.services.web).toMatchObject({
      tag: 'stable',
      restart: 'no',
      ports: [
        { address: '', published: 10_080, target: 80 },
        { address: '', published: 8443, target: 443 },
      ],
      mounts: ['folder-data', 'folder-srv-films', 'folder-..-outside'].map(source => ({ type: 'volume', source })),
      configs: { 'file-site.conf': '/etc/site.conf', 'secret-key': '/run/secrets/key' },
    });
    expect(project.configs).toEqual({ 'file-site.conf': 'port = 80\n', 'secret-key': 'stand-in for the secret key\n' });
    expect(JSON.stringify(project)).not.toContain('hidden');
    const said = notes.map(note => note.replace(/^.*compose\.yaml:/, ''));
    expect(said).toEqual([
      ' 1 image replaced by stand-ins; which move: web',
      '3: web.build: nothing is built: a stand-in',
      '4: web.container_name: left out: it has the name that its provider gives it',
      '5: web.ports: 80: published as 10080; address 192.168.1.5: all addresses',
      '6: web.restart: on-failure: no restart',
      '7: web.volumes: site.conf: its text, as a config; data: an empty volume; /srv/films: an empty volume; ../outside: an empty volume; /var/run/docker.sock: left out',
    ]);
  });

  test('a port that moves goes where no other is, in whichever of the files that stands', () => {
    const { project } = read({
      'compose.yaml': 'services: {a: {image: x, ports: ["80:80", "443:443"]}, b: {image: x, ports: ["10080:1"]}}',
    });
    const published = Object.values(project.services).flatMap(({ ports }) => ports.map(port => port.published));
    expect(published).toEqual([20_080, 10_443, 10_080]);
    for (const [name, port] of [
      ['one', '80'],
      ['two', '10080'],
    ] as const) {
      mkdirSync(join(folder, 'both', name), { recursive: true });
      writeFileSync(join(folder, 'both', name, 'compose.yaml'), `services: {a: {image: x, ports: ["${port}:80"]}}`);
    }
    const stacks = readStacks(composeFilesIn([join(folder, 'both')]), 'v1');
    expect(stacks.map(({ project }) => project.services.a?.ports[0]?.published)).toEqual([20_080, 10_080]);
  });

  test('a folder of folders is several stacks, which must go together', () => {
    const write = (name: string, text: string) => {
      mkdirSync(join(folder, name), { recursive: true });
      writeFileSync(join(folder, name, 'compose.yaml'), text);
    };
    expect(() => composeFilesIn([folder])).toThrow('found a folder without compose.yaml');
    expect(() => composeFilesIn([join(folder, 'nowhere')])).toThrow('found nothing of that name');
    write('one', 'services: {a: {image: x, ports: ["8080:80"]}}');
    write('Two-2', 'services: {a: {image: x, ports: ["8081:80"]}}');
    const both = () => readStacks(composeFilesIn([folder]), 'v1').map(({ name }) => name);
    expect(both()).toEqual(['two-2', 'one']);
    write('Two-2', 'services: {a: {image: x, ports: ["8080:80"]}}');
    expect(both).toThrow(/one\/compose\.yaml:1: expected a port that is published once, found 8080/);
    write('Two-2', 'name: one\nservices: {a: {image: x}}');
    expect(both).toThrow('expected stacks of different names, found one');
  });
});
