import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { casesInShare, oneInTurn } from '../../../src/setup/share.mjs';
import { type Ended, runStackfuzz } from '../../helpers/command.ts';
import { type Keys, type SshMachine, sshAvailable, sshMachine } from '../../helpers/ssh-machine.ts';
import { placeTheirs, seenOn } from '../../helpers/theirs.ts';

/** One stack, so that each run is short. */
const small = `about: one small stack
extends: home-manager
stacks:
  web:
    secrets: [web]
    services:
      app: { tag: stable }
`;

/** The changes of a replay of an entry with two steps: 7 before them, 2 by them, 4 at the end. */
const points = Array.from({ length: 13 }, (_, at) =>
  (['change', 'done'] as const).map(what => [what, at + 1] as const),
);
const firstStep = 8;

/** A session that has begun, to be disturbed. */
interface Session {
  /** Resolves when the host has written down that this change is about to be done, or is done. */
  until(what: 'change' | 'done', nth: number): Promise<unknown>;
  /** Sends a signal to the session and whatever it has started in its terminal. */
  kill(signal: NodeJS.Signals): void;
}

describe.skipIf(!sshAvailable())('a session on somebody’s machine', () => {
  let machine: SshMachine;
  let before: string;
  const at = (file: string): string => join(machine.folder, file);
  const configure = (keys: Keys = {}): void => void machine.configure({ profile: './small', ...keys });
  const command = (...args: readonly string[]): Promise<Ended> =>
    runStackfuzz([...args, '--host', machine.name], machine.folder);

  /** Runs a command, and disturbs it meanwhile. */
  async function disturbed(args: readonly string[], disturb: (session: Session) => Promise<unknown>): Promise<Ended> {
    await machine.run('rm -rf ~homelab/.local/state/stackfuzz /var/lib/stackfuzz/guard');
    const journals = '~homelab/.local/state/stackfuzz/runs/*/journal /var/lib/stackfuzz/guard/runs/*/journal';
    let disturbing: Promise<unknown> = Promise.resolve();
    const ended = await runStackfuzz([...args, '--host', machine.name], machine.folder, {
      group: true,
      onStart: kill => {
        disturbing = disturb({
          kill,
          until: (what, nth) =>
            machine.run(`until grep -qs '"n":${nth},"what":"${what}"' ${journals}; do sleep 0.02; done`),
        });
      },
    });
    await disturbing;
    return ended;
  }
  const replay = ['replay', 'given/disable-stop.json'];

  beforeAll(async () => {
    machine = await sshMachine();
    await placeTheirs(machine);
    for (const folder of ['small', 'given']) mkdirSync(at(folder));
    writeFileSync(at('small/profile.yaml'), small);
    for (const entry of [
      'stopped-means-stopped/disable-stop',
      'success-means-converged/relabel-container-reboot',
      'fragment-is-current/enable-rebuild',
    ]) {
      const from = fileURLToPath(new URL(`../../../corpus/${entry}.json`, import.meta.url));
      copyFileSync(from, at(`given/${entry.replace(/^.*\//, '')}.json`));
    }
    copyFileSync(at('given/disable-stop.json'), at('given/again.json'));
    configure();
    before = await seenOn(machine);
  });
  // A test that fails must not affect the others.
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    await machine.run('[ ! -e /root/m ] || mv /root/m /etc/stackfuzz/non-prod; systemctl start ssh.service');
    configure();
    await command('restore', '--break-lock');
  });
  afterAll(() => machine?.down());

  test.each(oneInTurn(points.flat()))('killed at %s %i: restore brings back what was there', async (what, nth) => {
    const ended = await disturbed(replay, async ({ until, kill }) => {
      await until(what, nth);
      kill('SIGKILL');
    });
    // The last of them may be written when the session has nothing more to do.
    expect(ended.signal ?? ended.status).toBe('SIGKILL');
    const restored = await command('restore', '--break-lock');
    expect(restored, restored.out + restored.err).toMatchObject({ status: 0 });
    expect(await seenOn(machine)).toBe(before);
  });

  const disturbances: Readonly<Record<string, () => Promise<void>>> = {
    async 'Ctrl-C as it begins'() {
      const ended = await disturbed(replay, async ({ until, kill }) => {
        await until('change', 5);
        kill('SIGINT');
      });
      expect(ended, ended.err).toMatchObject({ status: 2, out: expect.stringMatching(/To go on: .*replay given/) });
      expect(ended.err).toContain('Ending after the running operation');
      expect(ended.err).not.toContain('is dead');
    },
    async 'Ctrl-C in a step'() {
      const ended = await disturbed(replay, async ({ until, kill }) => {
        await until('change', firstStep);
        kill('SIGINT');
      });
      expect(ended, ended.err).toMatchObject({ status: 2, out: expect.stringMatching(/To go on: .*replay given/) });
      expect(ended.err).not.toContain('is dead');
    },
    async 'Ctrl-C as it shrinks'() {
      configure({ operations: { only: ['set-unit-label'] } });
      const search = [
        'fuzz',
        '--schedule',
        'walks',
        '--runs',
        '1',
        '--steps',
        '3',
        '--seed',
        '7',
        '--corpus',
        'corpus',
      ];
      let isPressed = false;
      const ended = await runStackfuzz([...search, '--host', machine.name], machine.folder, {
        group: true,
        onOutput: (all, kill) => {
          if (isPressed || !all.includes('asking again on a machine that was put back before')) return;
          isPressed = true;
          kill('SIGINT');
        },
      });
      expect(ended, ended.err).toMatchObject({ status: 1, out: expect.stringMatching(/^To go on: .*fuzz --host/m) });
      expect(ended.err).not.toContain('is dead');
      expect(readdirSync(at('corpus/unit-labels-right')).sort()).toEqual([
        'set-unit-label.evidence.txt',
        'set-unit-label.json',
      ]);
    },
    async 'a machine that does not answer any more'() {
      const ended = await disturbed([...replay, 'given/again.json'], async ({ until }) => {
        await until('change', firstStep);
        await machine.run('systemctl stop ssh.service');
        await machine.cut();
      });
      expect(ended, ended.out).toMatchObject({ status: 2 });
      expect(ended.err).toMatch(/^Ending: .*expected ssh to log in.*\n.*See whether it answers you/m);
      expect(ended.err).toMatch(/is not undone.*type, when it answers: stackfuzz restore --host somebody$/m);
      expect(ended.out).toMatch(/^To go on: .*replay given\/disable-stop\.json given\/again\.json/m);
      await machine.run('systemctl start ssh.service');
      expect((await command('restore', '--break-lock')).status).toBe(0);
    },
    async 'the connection cut in a step'() {
      // The first step waits until its connection is cut: it is running then, and ends with it.
      await machine.run(`cat > /usr/local/bin/systemctl <<'END'
#!/bin/bash
[[ "$*" != *disable*sfweb-stack.service* ]] || ! mkdir /tmp/step-is-held 2> /dev/null || exec sleep 8765
exec /usr/bin/systemctl "$@"
END
chmod 755 /usr/local/bin/systemctl`);
      const ended = await disturbed(replay, async () => {
        await machine.run('until pgrep -f "sleep [8]765" > /dev/null; do sleep 0.05; done');
        await machine.cut();
        await machine.run('while pgrep -f "sleep [8]765" > /dev/null; do sleep 0.05; done');
      });
      await machine.run('rm -r /usr/local/bin/systemctl /tmp/step-is-held');
      // The interrupted run has no verdict; the same steps over another connection show it.
      expect(ended, ended.err).toMatchObject({
        status: 0,
        out: expect.stringContaining('still violated, as expected'),
      });
      const journal = await machine.run('cat ~homelab/.local/state/stackfuzz/runs/*/journal');
      const lines = journal.split('\n').map(line => JSON.parse(line) as { n?: number; what: string });
      const asked = lines.filter(({ what }, at) => what === 'change' && journal.split('\n')[at]?.includes('disable'));
      const isDone = ({ n }: { n?: number }): boolean => lines.some(line => line.what === 'done' && line.n === n);
      expect(asked.map(isDone)).toEqual([false, true]);
    },
    async 'the marker taken away in a step'() {
      const ended = await disturbed([...replay, 'given/again.json'], async ({ until }) => {
        await until('done', firstStep - 1);
        await machine.run('mv /etc/stackfuzz/non-prod /root/m');
      });
      await machine.run('mv /root/m /etc/stackfuzz/non-prod');
      expect(ended, ended.out).toMatchObject({ status: 2 });
      expect(ended.err).toMatch(/^Ending: somebody lets nothing be changed any more: there is no marker/m);
      expect(ended.err).toMatch(/What was recorded before was brought back all the same\.$/m);
      expect(ended.out).toMatch(/^To go on: .*replay given\/disable-stop\.json given\/again\.json/m);
    },
  };
  test.each(casesInShare(Object.keys(disturbances)))('%s: it ends well, and so does the machine', async name => {
    await disturbances[name]?.();
    configure();
    expect((await command('restore')).out).toMatch(/There is nothing to restore/);
    expect(await seenOn(machine)).toBe(before);
  });

  const ways: Readonly<Record<string, () => Promise<Ended>>> = {
    async 'booted in the middle of a run'() {
      configure({ operations: { allow: ['reboot'] } });
      // A lab machine that powers off is not booted again from outside: the request is noticed, and the machine is booted here.
      const asked = '/run/reboot-is-asked-for';
      await machine.run(`cat > /usr/local/bin/systemctl <<'END'
#!/bin/bash
[ "$1" != reboot ] || [ -e ${asked} ] || exec touch ${asked}
exec /usr/bin/systemctl "$@"
END
chmod 755 /usr/local/bin/systemctl`);
      const replayed = command('replay', 'given/relabel-container-reboot.json');
      const heard = machine.run(`until [ -e ${asked} ]; do sleep 0.1; done`);
      await Promise.race([heard.then(() => machine.lab.reboot()), replayed]);
      const ended = await replayed;
      await machine.run('rm /usr/local/bin/systemctl');
      return ended;
    },
    async 'owned by NixOS'() {
      configure({ owner: 'nixos-etc', profile: null });
      return command('replay', 'given/enable-rebuild.json');
    },
    async 'asked about what was explored'() {
      const few = ['--operations', 'disable', '--stacks', '1', '--depth', '1', '--threads', '1'];
      return command('explore', ...few, '--confirm', '--corpus', 'explored');
    },
  };
  test.each(casesInShare(Object.keys(ways)))('%s, it shows what the lab does, and is put back', async name => {
    const ended = await ways[name]?.();
    expect(ended?.out, ended?.err).toMatch(/: still violated, as expected|^Shown on somebody: explored/m);
    configure();
    expect(await seenOn(machine)).toBe(before);
  });
});
