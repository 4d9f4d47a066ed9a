import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { isTurnAmong } from '../../../src/setup/share.mjs';
import { emptyFolder, typed } from '../../helpers/command.ts';
import { type Keys, type SshMachine, sshAvailable, sshMachine } from '../../helpers/ssh-machine.ts';
import { placeTheirs, seenOn } from '../../helpers/theirs.ts';

/** One stack, so that each run is short. */
const small = (kind: string): string => `about: one small stack
extends: ${kind}
stacks: { web: { secrets: [web], services: { app: { tag: stable } } } }
`;

const isDone = sshAvailable() && isTurnAmong(5, 5);

describe.skipIf(!isDone)('a rollout over two machines of somebody’s own', () => {
  const folder = emptyFolder();
  const at = (file: string): string => join(folder, file);
  let machines: readonly SshMachine[] = [];
  let before: readonly string[] = [];
  const seen = () => Promise.all(machines.map(seenOn));
  const type = (...args: string[]) => typed(['rollout', 'phase', ...args], folder);
  /** Writes the hosts file, with these keys of the first and of the second machine. */
  function write(...keys: readonly Keys[]): void {
    const entries = machines.map((machine, nth) => {
      machine.configure(keys[nth]);
      return readFileSync(join(machine.folder, 'stackfuzz.yaml'), 'utf8').replace(/^hosts:\n/, '');
    });
    writeFileSync(at('stackfuzz.yaml'), `hosts:\n${entries.join('')}rollouts: { phase: [first, second] }\n`);
  }
  const [hardened, plain] = [{ profile: './hardened' }, { profile: './plain' }];

  beforeAll(async () => {
    machines = [await sshMachine({ name: 'first' }), await sshMachine({ name: 'second' })];
    vi.stubEnv('XDG_STATE_HOME', folder);
    for (const [name, kind] of [['hardened', 'hardened'] as const, ['plain', 'home-manager'] as const]) {
      mkdirSync(at(name));
      writeFileSync(at(`${name}/profile.yaml`), small(kind));
    }
    await Promise.all(machines.map(placeTheirs));
    before = await seen();
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    for (const machine of machines) await machine.down();
  });

  test('what cannot be done on the second is said before anything is begun on the first', async () => {
    const reboot = { operations: { allow: ['reboot'] }, expendable: ['sfweb*'] };
    write({ ...plain, ...reboot }, plain);
    const refused = await type('--scenarios', 'S10,S11', '--record', 'refused.md');
    expect(refused, refused.err).toMatchObject({
      status: 3,
      out: '',
      err: expect.stringMatching(
        /host second: expected that something of every scenario can be done on second, found S11, all of its \d+ cases are left out(.|\n)*operations: \{ allow: \[(.|\n)*--leave-out S11/,
      ),
    });
    await machines[1]?.run('mv /etc/stackfuzz/non-prod /etc/stackfuzz/away');
    write({ ...plain, rollout: { leaveOut: ['S11'] } }, { ...plain, rollout: { leaveOut: ['S11'] } });
    const unmarked = await type('--scenarios', 'S10,S11', '--record', 'refused.md');
    await machines[1]?.run('mv /etc/stackfuzz/away /etc/stackfuzz/non-prod');
    expect(unmarked).toMatchObject({ status: 3, out: '', err: expect.stringContaining('host second') });
    expect(existsSync(at('refused.md'))).toBe(false);
    expect(await seen()).toEqual(before);
  });

  test('it ends at the second, which breaks a promise; both are as they were, and one record says all of it', async () => {
    const rollout = { leaveOut: ['S10'] };
    write({ ...hardened, rollout }, { ...plain, rollout });
    const done = await type('--scenarios', 'S01,S10', '--record', 'record.md');
    expect(done.status, `${done.out}\n${done.err}`).toBe(1);
    expect(done.out).toMatch(
      /^first: 3 of 3 passed\nsecond: 1 of 3 passed\n {2}S01 failed: .*\n {2}Not begun: Audit after\.\nRollout phase: it ended at second\.\n$/m,
    );
    const record = readFileSync(at('record.md'), 'utf8');
    expect(record).toMatch(/^# Rollout phase: failed, without S10 on first and S10 on second\n/);
    const rows = [...record.matchAll(/^\| (Audit \w+|S\d+) \| ([a-z ]+) \|/gm)].map(
      ([, part, word]) => `${part} ${word}`,
    );
    const passed = ['Audit before passed', 'S01 passed', 'Audit after passed'];
    expect(rows).toEqual([...passed, 'Audit before passed', 'S01 failed', 'Audit after not begun']);
    const named = [...(done.out + done.err).matchAll(/\/tmp\/\S+/g)].map(([path]) => path);
    expect(named.filter(path => !existsSync(path))).toEqual([]);
    expect(await seen()).toEqual(before);
  });
});
