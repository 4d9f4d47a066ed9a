import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { searchPath } from '../../../../models/machine/search-path.ts';
import { guardedHost } from '../../../../tests/helpers/guarded.ts';
import { readHostsFile } from '../../../cli/hosts-file.ts';
import { loadProfile } from '../../../profiles/profile.ts';
import { all, answerOf, one } from './answer.ts';
import { changedIdentity, rememberedIdentity, rememberIdentity } from './identity.ts';
import { guardedHostOf } from './kept.ts';
import { isStale, lockRefusal } from './refusal.ts';
import { guardText, settingsOf } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'stackfuzz-guard-'));
afterAll(() => rmSync(folder, { recursive: true }));

const settings = (kept: readonly string[]): string => {
  const host = guardedHost();
  const odd = { ...host, name: "it's", kept: { ...host.kept, operator: kept } };
  return settingsOf(odd, 'operator', { id: 'r1', from: 'me' }, { uid: 7, home: '/home/o m' });
};

test('the guard is bash', () => {
  execFileSync('bash', ['-n'], { input: `${settings([])}\n${guardText()}` });
});

test.skipIf(spawnSync('shellcheck', ['--version']).status !== 0)('ShellCheck has nothing against it', () => {
  const { stdout } = spawnSync('shellcheck', ['-'], { input: guardText(), encoding: 'utf8' });
  expect(stdout).toBe('');
});

test.skipIf(process.getuid?.() !== 0)('an operator whose uid is 0 is refused', () => {
  const script = `${settings([])}\n${guardText()}`;
  const env = { PATH: process.env.PATH, HOME: folder, STACKFUZZ_GUARD: script };
  const said = execFileSync('bash', ['-s', 'check'], { input: script, env, encoding: 'utf8' });
  expect(said).toContain('refused\toperator\tthat homelab has uid 0\n');
});

test('the wall clock is in stamps only: one that jumps decides nothing', () => {
  const reading = guardText()
    .split('\n')
    .filter(line => /%\([^)]*\)T|\bdate\b|EPOCH|SECONDS|-newer|-[cm]min|-[cm]time/.test(line));
  // The journal's lines, the lock's, and the name of a folder of what was set aside.
  expect(reading.map(line => /"at":|since=|aside=/.exec(line)?.[0])).toEqual(['"at":', 'since=', 'aside=']);
});

const hasTimeNamespaces = process.getuid?.() === 0 && spawnSync('unshare', ['--time', 'true']).status === 0;
test.skipIf(!hasTimeNamespaces)('whether stackfuzz was heard of lately is told by the uptime', () => {
  const functions = guardText().slice(0, guardText().indexOf('\ncommand='));
  writeFileSync(join(folder, 'functions.sh'), `${settings([])}\n${functions}\nmkdir -p -- "$folder"\n"$@"\n`);
  const guard = (...words: readonly string[]) => ['bash', join(folder, 'functions.sh'), ...words];
  const env = { PATH: process.env.PATH, HOME: folder };
  const lease = join(folder, '.local/state/stackfuzz/runs/r1/lease');
  const isOverIn = (seconds: number): boolean => {
    const line = ['--time', '--boottime', String(seconds), '--fork', ...guard('is_over', lease, 'own')];
    return spawnSync('unshare', line, { env }).status === 0;
  };
  expect(spawnSync('bash', guard('renew', '600').slice(1), { env }).status).toBe(0);
  expect([0, 500, 700].map(isOverIn)).toEqual([false, false, true]);
});

test('settings hold whatever a hosts file says, and patterns stay patterns', () => {
  const script = `${settings(['~/a b*', '%t/systemd/user', "/x/'$HOME'"])}\nprintf '%s\\n' "$host" "$base" "\${kept[@]}"`;
  const said = execFileSync('bash', ['-uc', script], {
    env: { HOME: '/home/o m' },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  expect(said.split('\n').slice(0, 5)).toEqual([
    "it's",
    '/home/o m/.local/state/stackfuzz',
    '/home/o m/a b*',
    '/run/user/7/systemd/user',
    "/x/'$HOME'",
  ]);
});

test('whatever a lever puts into the search path is recorded; what packages put there is not', () => {
  const file = join(folder, 'stackfuzz.yaml');
  const entry = 'transport: local, operator: me, root: sudo, owner: home-manager, commands: profile';
  writeFileSync(file, `hosts: { wsl: { environment: non-prod, ${entry}, stacks: { prefix: sf } } }`);
  const wsl = readHostsFile(file).get('wsl');
  if (wsl === undefined) throw new Error('there is no wsl');
  const { kept, expendable } = guardedHostOf(wsl, loadProfile('home-manager'));
  expect(expendable).toEqual([]);
  // Units that a profile starts itself, beside the stacks, are nobody else's.
  expect(guardedHostOf(wsl, loadProfile('hardened')).expendable).toEqual([
    'podman-fresh.service',
    'podman-auto-update.service',
  ]);
  const isKept = (path: string): boolean =>
    [...kept.operator, ...kept.root].some(pattern =>
      new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}(/|$)`).test(path),
    );
  const below = ['U', 'U.d/50-drift.conf', 'sfweb-.service.d/50.conf', 'default.target.wants/U', 'x.target.requires/U'];
  const paths = searchPath.flatMap(directory =>
    below.map(each => `${directory}/${each}`.replace('U', 'sfweb-stack.service')),
  );
  expect(paths.filter(path => !isKept(path))).toEqual([]);
  expect(['/usr/lib/systemd/user/podman.service', '%t/systemd/transient/run-1.service'].filter(isKept)).toEqual([]);
});

test('an answer that was cut off is none', () => {
  const ran = { status: 0, stderr: '', timedOut: false, truncated: false };
  const answer = answerOf({ ...ran, stdout: 'did\tone\ndid\ttwo\nend\n' }, 'asking');
  expect([all(answer, 'did'), one(answer, 'left')]).toEqual([['one', 'two'], null]);
  expect(() => answerOf({ ...ran, stdout: 'did\tone\n', stderr: 'cut' }, 'asking')).toThrow(
    /asking did not come to its end/,
  );
  expect(() => answerOf({ ...ran, stdout: 'failed\tno room\n' }, 'asking')).toThrow('asking: no room');
});

test('a lock says who has it, and what to type', () => {
  const holder = {
    run: 'r1',
    host: 'wsl',
    from: 'me@here, process 4',
    since: '2026-11-26T04:00:00Z',
    state: 'open',
    remaining: 90,
  };
  expect(isStale(holder)).toBe(false);
  expect(lockRefusal('wsl', holder).next).toContain('--break-lock');
  for (const stale of [
    { ...holder, remaining: null },
    { ...holder, remaining: -1 },
    { ...holder, state: 'left' },
  ]) {
    expect(isStale(stale)).toBe(true);
    expect(lockRefusal('wsl', stale).next).toMatch(/stackfuzz restore --host wsl$/);
  }
});

test('a host is remembered, and another one of its name is told apart', async () => {
  const identity = { machine: 'm1', keys: 'k1' };
  expect(changedIdentity(folder, 'wsl', rememberedIdentity(folder, 'wsl'), identity)).toBe(null);
  await rememberIdentity(folder, 'wsl', identity);
  const before = rememberedIdentity(folder, 'wsl');
  expect(before).toEqual(identity);
  expect(changedIdentity(folder, 'wsl', before, identity)).toBe(null);
  expect(changedIdentity(folder, 'wsl', before, { machine: 'm1', keys: 'k2' })?.found).toBe(
    'one with other ssh host keys',
  );
  writeFileSync(join(folder, 'wsl.json'), '{');
  expect(() => rememberedIdentity(folder, 'wsl')).toThrow(/wsl\.json: expected which host this was/);
  expect(readFileSync(join(folder, 'wsl.json'), 'utf8')).toBe('{');
});
