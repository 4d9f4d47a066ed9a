import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Fault, Handling, Placed, RebuildMode, Updating } from '../../../../models/host.ts';
import { labDeployment } from '../../../../tests/helpers/lab-host.ts';
import { listProfiles, loadProfile } from '../../../profiles/profile.ts';
import { bakeScript } from '../../lab/root/bake-script.ts';
import { ailmentScript } from '../ailment.ts';
import { preparation } from '../prepare.ts';
import { type Lever, prepared, unprepared } from './lever.ts';
import { leversOver } from './levers.ts';

const directory = mkdtempSync(join(tmpdir(), 'stackfuzz-scripts-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Every lever, on a machine of this profile. */
async function everyLever(name: string): Promise<readonly Pick<Lever, 'title' | 'script'>[]> {
  const profile = loadProfile(name);
  const deployment = labDeployment(profile, 'docker-compose');
  const all: Pick<Lever, 'title' | 'script'>[] = [...preparation(deployment)];
  const pull = async (lever: Lever) => {
    all.push(lever);
    return { claim: { ok: true, status: 0, message: '' }, stdout: '' };
  };
  const levers = leversOver(deployment, pull, async () => ({ ok: true, status: 0, message: '' }));
  for (const mode of modes) await levers.rebuild(profile.declaration, mode);
  await levers.rollback();
  await levers.rollback(profile.declaration);
  for (const verb of ['start', 'edit', 'set-property'] as const) await levers.systemctl(verb, 'web-stack.service');
  await levers.manager('stop');
  for (const kind of placed) await levers.place('~/.config/systemd/user/web-stack.service', { kind, marker: 'x' });
  for (const action of handlings) await levers.container(action, 'web', 'app');
  for (const kind of ['foreign', 'on-network'] as const) await levers.addContainer(kind, 'web');
  await levers.orphanTimer();
  for (const state of ['unhealthy', 'healthy'] as const) await levers.health('web', 'app', state);
  for (const version of ['v2', null]) await levers.publish('stable', version);
  for (const action of ['stop', 'start'] as const) await levers.registry(action);
  for (const how of updatings) if (how !== 'own-unit' || profile.updateUnit !== null) await levers.autoUpdate(how);
  for (const state of ['missing', 'present', 'malformed'] as const) await levers.secret('web', state);
  for (const fault of faults) await levers.machine(fault);
  all.push({ title: 'is the machine well', script: ailmentScript(deployment) });
  all.push({ title: 'bake the images', script: bakeScript });
  return all;
}

/** The members of a union; the compiler checks that none is missing. */
const every = <T extends string>(all: Readonly<Record<T, true>>): readonly T[] => Object.keys(all) as T[];
const modes = every<RebuildMode>({
  plain: true,
  interrupted: true,
  twice: true,
  'beside-update': true,
  'as-manager-starts': true,
});
const placed = every<Placed['kind']>({
  edited: true,
  foreign: true,
  'drop-in': true,
  identical: true,
  stale: true,
  mask: true,
  empty: true,
  dangling: true,
  directory: true,
  nothing: true,
});
const handlings = every<Handling>({
  stop: true,
  remove: true,
  kill: true,
  'kill-conmon': true,
  'kill-both': true,
  rename: true,
  relabel: true,
});
const updatings = every<Updating>({
  command: true,
  service: true,
  'dry-run': true,
  'own-unit': true,
  interrupted: true,
  'full-disk': true,
});
const faults = every<Fault>({
  reboot: true,
  'power-cut': true,
  'terminate-user': true,
  'linger-off': true,
  'linger-on': true,
  'fail-unrelated-unit': true,
  'fill-store': true,
  'free-store': true,
  'etc-read-only': true,
  'etc-writable': true,
  'elapse-timers': true,
});

/**
 * Whether a group that relies on `set -e` is tested for its status, where bash ignores it: `( set -e … ) || exit`, `if ( set -e
 * … )`.
 */
const ignored = (script: string): boolean =>
  /^\s*(?:if|while|until|!)\s+[({]\s*\n?\s*set -e/m.test(script) ||
  /[({]\s*\n?\s*set -e[\s\S]*?\n\s*[)}]\s*(?:\|\||&&)/.test(script);

/** What ShellCheck reports about failures that a script would not notice. */
function unheard(scripts: readonly Pick<Lever, 'title' | 'script'>[]): string {
  const files = scripts.map(({ title, script }, at) => {
    const file = join(directory, `${at}-${title.replace(/\W+/g, '-').slice(0, 80)}`);
    writeFileSync(file, script);
    return file;
  });
  const words = ['-s', 'bash', '-f', 'gcc', '-i', 'SC2310,SC2311,SC2312,SC2155'];
  const done = spawnSync(
    'shellcheck',
    [...words, '-o', 'check-set-e-suppressed,check-extra-masked-returns', ...files],
    {
      encoding: 'utf8',
    },
  );
  return done.stdout + done.stderr;
}

const hasShellCheck = spawnSync('shellcheck', ['--version']).status === 0;

describe.each(listProfiles())('the scripts of %s', name => {
  // A login shell, such as Home Manager's setup-env, has rules of its own.
  const files = [...loadProfile(name).files]
    .map(([path, source]) => ({ title: path, script: readFileSync(source, 'utf8') }))
    .filter(({ title, script }) => script.startsWith('#!/bin/bash\n') || title.endsWith('.sh'));

  test('are bash, and stop at their first failure', () => {
    expect(files.length).toBeGreaterThan(4);
    for (const { title, script } of files) {
      expect(() => execFileSync('bash', ['-O', 'extglob', '-n'], { input: script }), title).not.toThrow();
      expect(ignored(script), title).toBe(false);
      const one = script.split('\n').filter(line => line !== '' && !line.startsWith('#'));
      const safe = /^set -euo pipefail\nshopt -s inherit_errexit/m.test(script) || one.length === 1;
      expect(safe || !script.startsWith('#!'), title).toBe(true);
    }
  });

  test.skipIf(!hasShellCheck)('hear of every failure', () => {
    // A file that is sourced runs with the options of the script that sources it.
    const header = 'set -euo pipefail\nshopt -s inherit_errexit\n';
    const whole = (script: string) => (script.startsWith('#!') ? script : header + script);
    expect(unheard(files.map(({ title, script }) => ({ title, script: whole(script) })))).toBe('');
  });
});

describe('the levers', () => {
  test('are bash, and stop at their first failure', async () => {
    for (const { title, script } of await everyLever('hardened')) {
      expect(() => execFileSync('bash', ['-n'], { input: script }), title).not.toThrow();
      expect(ignored(script), title).toBe(false);
    }
  });

  test.skipIf(!hasShellCheck)('hear of every failure', async () => {
    expect(unheard(await everyLever('hardened'))).toBe('');
  });
});

test('what is tested for its status does not stop at its first failure', () => {
  expect(ignored('(\nset -e\nfalse\necho on\n) || exit 199')).toBe(true);
  expect(ignored('if (\n  set -eu\n  false\n); then :; fi')).toBe(true);
  expect(ignored('(\nset -eu\nfalse\n)\n[ $? = 0 ] || exit 199')).toBe(false);
});

test('a preparation ends at its first failure, the script with it', () => {
  const run = (script: string) => spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  for (const failing of ['false', 'x=$(false; echo on)', 'false | true', 'echo "$unset"', 'echo x > /dev/full']) {
    const { status, stdout } = run(`${prepared(`${failing}\necho prepared`)}\necho begun`);
    expect([failing, status, stdout]).toEqual([failing, unprepared, '']);
  }
  expect(run(`${prepared('echo prepared')}\necho begun`)).toMatchObject({ status: 0, stdout: 'prepared\nbegun\n' });
});
