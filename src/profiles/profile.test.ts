import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { plainService } from '../../models/machine/additions.ts';
import { Problem } from '../problem.ts';
import { listProfiles, loadProfile } from './profile.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'profile-'));
  cpSync(loadProfile('home-manager').directory, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const original = () => readFileSync(join(folder, 'profile.yaml'), 'utf8');
const write = (text: string) => writeFileSync(join(folder, 'profile.yaml'), text);

/** The message of the Problem with which loading the folder fails, after one piece of its profile.yaml was replaced. */
function refusal(piece: string, replacement: string): string {
  const text = original();
  expect(text).toContain(piece);
  write(text.replace(piece, () => replacement));
  return refusalNow();
}

/** The same, for the folder as it is. */
function refusalNow(): string {
  try {
    loadProfile(folder);
  } catch (error) {
    expect(error).toBeInstanceOf(Problem);
    return (error as Problem).message;
  }
  throw new Error('accepted');
}

const lineOf = (piece: string) => `profile.yaml:${original().slice(0, original().indexOf(piece)).split('\n').length}: `;

test('finds the shipped profiles by their folders', () => {
  expect(listProfiles()).toContain('home-manager');
  for (const name of listProfiles()) expect(loadProfile(name).name).toBe(name);
});

// Bash once returned 255 for a command that had ended with 0: the status of a pipe is reliable, that of `wait` may not be.
test('no script of a shipped profile waits for a process substitution', () => {
  for (const name of listProfiles()) {
    for (const [path, file] of loadProfile(name).files) {
      expect(readFileSync(file, 'utf8').match(/^.*\bwait\b.*\$!.*$/m)?.[0], `${name}/${path}`).toBeUndefined();
    }
  }
});

test.each([
  ["echo 'stackfuzz: refuse' >&2", 'stackfuzz: refuse'],
  ["echo 'stackfuzz: refused, for good'", 'stackfuzz: refused, for good'],
  ['printf "stackfuzz: stale\\n"', 'stackfuzz: stale'],
  ['echo stackfuzz: roled-back "$unit"', 'stackfuzz: roled-back'],
])('refuses a line for programs that nobody reads: %s', (line, found) => {
  writeFileSync(join(folder, 'switch.sh'), `# fine\n${line}\n`);
  const message = refusalNow();
  expect(message).toContain('switch.sh:2: expected stackfuzz: refused, stackfuzz: rolled-back UNIT or');
  expect(message).toContain(`found ${found}`);
});

test('takes lines for programs as scripts write them, and lets comments and pages be', () => {
  const lines = [
    "echo 'stackfuzz: refused'",
    'echo stackfuzz: stale "$unit" >&2',
    '# stackfuzz: what not',
    'echo stackfuzz: refused; exit 1',
  ];
  writeFileSync(join(folder, 'switch.sh'), `${lines.join('\n')}\n`);
  writeFileSync(join(folder, 'README.md'), 'It says stackfuzz: anything.\n');
  expect(loadProfile(folder).directory).toBe(folder);
});

test('every shipped profile says by a line for programs that it refuses', () => {
  for (const name of listProfiles()) {
    const texts = [...loadProfile(name).files.values()].map(path => readFileSync(path, 'utf8'));
    expect(
      texts.some(text => text.includes('stackfuzz: refused')),
      name,
    ).toBe(true);
  }
});

test('declares web and duo as revision 1, with what the file leaves out filled in', () => {
  const { declaration } = loadProfile('home-manager');
  const service = { ...plainService, tag: 'stable', autoUpdate: true };
  expect(declaration).toEqual({
    revision: 1,
    stacks: {
      web: { revision: 1, secrets: ['web'], services: { app: { ...service, healthcheck: 'passing' } } },
      duo: {
        revision: 1,
        secrets: ['duo'],
        services: { db: { ...service, tag: 'v1', autoUpdate: false }, api: { ...service, dependsOn: ['db'] } },
      },
    },
  });
});

test('reads a folder of somebody else, named after the folder', () => {
  const profile = loadProfile(folder);
  expect(profile.name).toBe(basename(folder));
  expect(profile.directory).toBe(folder);
});

test('names what there is where a name is unknown', () => {
  expect(() => loadProfile('home-manger')).toThrow(/--profile home-manger: expected one of .*home-manager/);
  expect(() => loadProfile('home-manger')).toThrow('found nothing of that name; did you mean home-manager?');
  expect(() => loadProfile('')).toThrow('expected a folder with a profile.yaml');
  expect(() => loadProfile(`/${'x'.repeat(300)}`)).toThrow('found nothing of that name');
  expect(() => loadProfile('/nowhere')).toThrow(/expected a folder with a profile.yaml, found nothing of that name/);
  expect(() => loadProfile(tmpdir())).toThrow(/found a folder without profile.yaml/);
});

test('points at the line of bad YAML, an unknown key, a wrong type, a missing key', () => {
  const commands = lineOf('commands:');
  const update = lineOf('update: ./update');
  const state = lineOf('state:');
  expect(refusal('update: ./update', 'update: [')).toContain('expected YAML');
  cpSync(loadProfile('home-manager').directory, folder, { recursive: true });
  expect(refusal('update: ./update', 'update: 3')).toContain(`${update}expected commands.update`);
  cpSync(loadProfile('home-manager').directory, folder, { recursive: true });
  expect(refusal('  update: ./update', '')).toContain(`${commands}expected commands.update`);
  cpSync(loadProfile('home-manager').directory, folder, { recursive: true });
  expect(refusal('state:', 'states: 1\nstate:')).toContain(`${state}expected only keys that`);
});

test.each([
  ['providers: [docker-compose, podman-compose]', 'providers: [docker]', 'providers.0'],
  ['owner: ~/.config/systemd/user', 'owner: ~/units', 'owner'],
  ['link: ^(/nix/store/[^/]+-home-manager-files)/', 'link: ^/nix/store/', 'one group'],
  ['units/{{unit}}: stack.service', 'units/{{unit}}: gone.service', 'no such file'],
  ['units/{{unit}}: stack.service', '../{{unit}}: stack.service', 'below the folder'],
  ['dependsOn: [db]', 'dependsOn: [cache]', 'found cache'],
  [
    'db: { tag: v1 }',
    'db: { tag: v1, dependsOn: [api] }',
    'expected dependsOn of duo without a cycle, found db → api → db',
  ],
  ['db: { tag: v1 }', 'db: { tag: v1, dependsOn: [db] }', 'found db → db'],
  [
    'units/{{unit}}: stack.service',
    'units/{{unit}}: rebuild',
    'expected a section such as [Unit] first in units/web-stack.service',
  ],
  ['db: { tag: v1 }', 'db: { tag: v1, ports: [80] }', 'found stacks.duo.services.db.ports'],
])('refuses %s as %s', (piece, replacement, message) => {
  expect(refusal(piece, replacement)).toContain(message);
});

describe('YAML that cannot be read, or that would not end, is refused with its line', () => {
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
  for (const [one, other] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh', 'hi'].map(pair => [...pair]))
    bomb.push(`${other}: &${other} [${Array(10).fill(`*${one}`).join(', ')}]`);

  test.each([
    [
      'an alias that is none',
      'user: ["*-stack.service", podman',
      'user: [*-stack.service, podman',
      'an anchor &-stack.service before it',
    ],
    ['aliases that come to much', 'about:', `${bomb.join('\n')}\nabout:`, 'at most 100 aliases'],
    [
      'an alias within itself',
      'versions: [',
      'compose: &all\n  document: { all: *all }\nversions: [',
      'no alias within its own anchor',
    ],
    ['a merge key', 'db: { tag: v1 }', 'db: { <<: { tag: v1 } }', 'no merge key'],
    ['a key twice', 'versions: [', 'versions: [v9]\nversions: [', 'Map keys must be unique'],
    ['a tab', '  rebuild: ./rebuild', '\trebuild: ./rebuild', 'YAML'],
    ['much nesting', 'db: { tag: v1 }', `db: ${'['.repeat(60)}${']'.repeat(60)}`, 'at most 50 levels'],
    ['very much nesting', 'db: { tag: v1 }', `db: ${'['.repeat(50_000)}`, 'YAML'],
    ['two documents', 'versions: [', '---\nversions: [', 'YAML'],
  ])('%s', (_what, piece, replacement, message) => {
    expect(refusal(piece, replacement)).toMatch(new RegExp(`profile\\.yaml:\\d+: expected .*${message}`));
  });

  test('%YAML 1.1, in which merge keys come to much', () => {
    const merges = original().replace('about:', `${bomb.join('\n')}\nx: { <<: [*a, *a] }\nabout:`);
    write(`%YAML 1.1\n---\n${merges}`);
    expect(refusalNow()).toMatch(/profile\.yaml:\d+: expected/);
  });

  test('an alias that saves typing is none of that', () => {
    write(
      original()
        .replace('api: { tag: stable, autoUpdate: true, dependsOn: [db] }', 'api: *service')
        .replace('db: {', 'db: &service {'),
    );
    const { services } = loadProfile(folder).declaration.stacks.duo ?? {};
    expect(services?.api).toEqual(services?.db);
  });
});

describe('what a profile.yaml is not', () => {
  const file = () => join(folder, 'profile.yaml');

  test('a pipe that nobody writes to, a device, a folder, a link that leads nowhere or out of the folder', () => {
    rmSync(file());
    execFileSync('mkfifo', [file()]);
    expect(refusalNow()).toContain('profile.yaml: expected a regular file');
    for (const [target, message] of [
      ['/dev/zero', 'one that leads out of its folder'],
      ['/etc/shadow', 'one that leads out of its folder'],
      ['nowhere', 'one that leads nowhere'],
      ['activation', 'one to something else'],
      ['profile.yaml', 'one that leads nowhere'],
    ] as const) {
      rmSync(file());
      symlinkSync(target, file());
      expect(refusalNow()).toContain(`profile.yaml: expected a link to a file of the profile, found ${message}`);
    }
  });

  test('longer than 64 KiB, or other bytes than UTF-8', () => {
    writeFileSync(file(), `${original()}# ${'x'.repeat(2 ** 16)}\n`);
    expect(refusalNow()).toContain('expected a file of at most 64 KiB, found 66 KiB');
    writeFileSync(file(), Buffer.concat([Buffer.from('about: one\nowner: '), Buffer.from([0xff, 0xfe])]));
    expect(refusalNow()).toContain('profile.yaml:2: expected text in UTF-8');
    writeFileSync(file(), '');
    expect(refusalNow()).toContain('profile.yaml:1: expected a map of keys (extends, without, about, ');
  });
});

test('everything in the folder is copied to machines: only regular files, and links to them', () => {
  execFileSync('mkfifo', [join(folder, 'activation/pipe')]);
  expect(refusalNow()).toContain('activation/pipe: expected a regular file, found something else');
  rmSync(join(folder, 'activation/pipe'));
  symlinkSync('gone', join(folder, 'activation/link'));
  expect(refusalNow()).toContain(
    'activation/link: expected a link to a file of the profile, found one that leads nowhere',
  );
  rmSync(join(folder, 'activation/link'));
  symlinkSync('../rebuild', join(folder, 'activation/link'));
  expect(loadProfile(folder).about).not.toBe('');
});

test('scripts are there and may be executed', () => {
  chmodSync(join(folder, 'rebuild'), 0o644);
  expect(refusalNow()).toMatch(
    /profile\.yaml, commands\.rebuild: expected \.\/rebuild to be executable, found mode 644\n {2}chmod \+x /,
  );
  chmodSync(join(folder, 'rebuild'), 0o755);
  rmSync(join(folder, 'update'));
  expect(refusalNow()).toContain('commands.update: expected the file ./update, found no such file');
  writeFileSync(join(folder, 'update'), '', { mode: 0o755 });
  expect(refusal('install: ./install', 'install: cd activation && ./gone')).toContain('expected the file ./gone');
});

describe('a unit carries what tells one definition from another', () => {
  test.each([
    ['STACK_REVISION={{revision}} ', '', 'Environment=STACK_REVISION={{revision}}'],
    ['STACK_REVISION={{revision}} ', 'STACK_REVISION=7 ', 'Environment=STACK_REVISION={{revision}}'],
    [' STACK_MARKER=declared', '', 'Environment=STACK_MARKER=declared'],
    ['Environment=STACK_REVISION', '# Environment=STACK_REVISION', 'Environment=STACK_REVISION={{revision}}'],
  ])('%s → %s', (piece, replacement, message) => {
    const unit = join(folder, 'stack.service');
    const text = readFileSync(unit, 'utf8');
    expect(text).toContain(piece);
    writeFileSync(
      unit,
      text.replace(piece, () => replacement),
    );
    expect(refusalNow()).toContain(`stack.service: expected ${message} in the unit of a stack`);
  });

  test('and there is one for each stack', () => {
    expect(refusal('units/{{unit}}: stack.service', 'units/{{stack}}.service: stack.service')).toContain(
      'expected a template that becomes the unit web-stack.service, found units/{{stack}}.service',
    );
  });
});

test.each([
  [
    'tag: v1',
    'tag: v4',
    'expected a tag among stable, v1, v2, v3, @v1, @v2, @v3 (versions lists the builds), found v4; did you mean v1?',
  ],
  ['update: ./update', 'updte: ./update', 'found commands.updte; did you mean update?'],
  [
    'autoUpdate: true, healthcheck',
    'autoupdate: true, healthcheck',
    'found stacks.web.services.app.autoupdate; did you mean autoUpdate?',
  ],
  ['{{unit}}: stack.service', '{{unti}}: stack.service', 'found {{unti}}; did you mean unit?'],
  ['dependsOn: [db]', 'dependsOn: [bd]', 'found bd; did you mean db?'],
  ['dependsOn: [db]', 'dependsOn: [constructor]', 'another word than constructor'],
  [
    '  web:',
    '  My-App:',
    'expected the name of a stack: small letters and digits, a letter first, 30 at most, found My-App',
  ],
  ['  web:', `  ${'w'.repeat(31)}:`, 'expected the name of a stack: small letters and digits'],
  ['  web:', '  __proto__:', 'expected another key, found __proto__'],
  [
    'app: {',
    'app.one: {',
    'expected the name of a service: small letters and digits, a letter first, 30 at most, found app.one',
  ],
  ['secrets: [web]', 'secrets: [../../etc/passwd]', 'expected the name of a secret: small letters'],
  ['versions: [v1', 'versions: [V1', 'expected the name of a version: small letters'],
  ['  update: ./update', '  update: "./update\\0"', 'commands.update to be right (text without control characters)'],
  ['about: ', 'about: "\\e[31m" #', 'about to be right (text without control characters)'],
])('%s → %s: %s', (piece, replacement, message) => {
  expect(refusal(piece, replacement)).toContain(message);
});

test('the name of a folder is a part of file names', () => {
  const odd = `${folder}/\u001b[31m`;
  cpSync(loadProfile('home-manager').directory, odd, { recursive: true });
  expect(() => loadProfile(odd)).toThrow(
    /^--profile: expected a profile whose folder has a name of letters, .* found "\\u001b\[31m"/,
  );
});
