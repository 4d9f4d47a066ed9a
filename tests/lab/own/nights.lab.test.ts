import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { typed } from '../../helpers/command.ts';
import { type SshMachine, sshAvailable, sshMachine } from '../../helpers/ssh-machine.ts';

const entry = 'corpus/stopped-means-stopped/disable-stop.json';

describe.skipIf(!sshAvailable())('a machine of somebody’s own, night by night', () => {
  let machine: SshMachine;
  const type = (...args: string[]) => typed(args, machine.folder);
  /** What is left of stacks under test, and of stackfuzz. */
  const left = (): Promise<string> =>
    machine.run(
      'podman ps -a --format "{{.Names}}"; podman network ls -q; ls -A ~/.config/systemd/user; ls ~/.local/state/stackfuzz/lock ~/.local/state/stackfuzz/runs/*/recorded 2> /dev/null || true',
      'operator',
    );
  beforeAll(async () => {
    machine = await sshMachine();
    vi.stubEnv('XDG_STATE_HOME', machine.folder);
    mkdirSync(join(machine.folder, dirname(entry)), { recursive: true });
    copyFileSync(fileURLToPath(new URL(`../../../${entry}`, import.meta.url)), join(machine.folder, entry));
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await machine?.down();
  });

  test('a night asks for what was found, searches, and is kept; the machine is as it was', async () => {
    machine.configure({ operations: { refuse: ['auto-update'] }, notify: [{ command: 'cat > told' }] });
    const before = await left();
    const night = await type(
      ...['nightly', '--host', 'somebody', '--corpus', 'corpus', '--schedule', 'walks', '--runs', '1'],
      ...['--seed', '5', '--budget', '30s', '--json', 'night.json'],
    );
    expect(night.status, `${night.out}\n${night.err}`).toBe(1);
    expect(night.out).toContain(`${entry}: still violated, as expected`);
    expect(readFileSync(join(machine.folder, 'told'), 'utf8')).toContain('somebody: violated');
    const report = JSON.parse(readFileSync(join(machine.folder, 'night.json'), 'utf8'));
    expect(report).toMatchObject({ command: 'nightly', status: 1, nights: [{ verdict: 'violated' }] });
    const history = await type('history', '--host', 'somebody');
    expect(history).toMatchObject({ status: 0, out: expect.stringContaining(entry) });
    expect(await left()).toBe(before);
  });

  test('a rollout audits before and after, leaves a record, and the machine as it was', async () => {
    const before = await left();
    const done = await type('rollout', 'somebody', '--scenarios', 'S10', '--record', 'record.md');
    expect(done.status, `${done.out}\n${done.err}`).toBe(0);
    const record = readFileSync(join(machine.folder, 'record.md'), 'utf8');
    expect(record).toMatch(/^# Rollout somebody: passed\n/);
    expect(record).toMatch(/\| Audit before \| passed \|(.|\n)*\| S10 \| passed \|(.|\n)*\| Audit after \| passed \|/);
    expect(await left()).toBe(before);
  });

  test('an audit finds nothing to judge where the stacks under test were all that ran', async () => {
    expect(await type('audit', '--host', 'somebody')).toMatchObject({
      status: 2,
      out: expect.stringContaining('no unit of homelab runs containers'),
    });
  });
});
