import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { boot, type LabMachine, labAvailable } from '../../src/hosts/lab/index.ts';
import { casesInShare } from '../../src/setup/share.mjs';
import { emptyFolder, typed } from '../helpers/command.ts';

const lab = labAvailable();
const corpus = new URL('../../corpus/', import.meta.url).pathname;

/** One entry of systemd's, one of each compose provider's, one of Home Manager's. */
const entries = [
  'enabled-as-declared/disable-rebuild',
  'active-means-running/remove-container-rebuild',
  'unit-labels-right/set-unit-label',
  'manager-absence-is-reported/stop-manager-rebuild',
];

describe.skipIf(!lab.ok)(`exported scripts${lab.ok ? '' : ` (skipped: ${lab.fix})`}`, () => {
  const folder = emptyFolder();
  let machine: LabMachine;
  beforeAll(async () => {
    // The plain root: nothing of a profile is installed.
    machine = await boot({ suite: 'trixie' });
  });
  afterAll(() => machine?.down());

  async function exported(entry: string): Promise<string> {
    const { status, err } = await typed(['corpus', 'export', join(corpus, `${entry}.json`), '--out', 'a.sh'], folder);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    return readFileSync(join(folder, 'a.sh'), 'utf8');
  }

  /** The command of a maintainer who has copied the script there. */
  async function run(script: string) {
    const copied = Buffer.from(script).toString('base64');
    const { status, stdout, stderr } = await machine.channel.run(
      `base64 -d > /root/a.sh <<'END'\n${copied}\nEND\nbash /root/a.sh < /dev/null`,
      { as: 'root', timeoutMs: 300_000 },
    );
    return { status, said: stdout + stderr };
  }

  const traces = `id stackfuzz-repro; ls -d /var/lib/stackfuzz /nix/var/nix/profiles/system /home/stackfuzz-repro; ls /etc/systemd/user/*-stack.service; grep stackfuzz-repro /etc/subuid /etc/subgid; find /proc -maxdepth 1 -uid 1599`;

  test.each(casesInShare(entries))('%s shows where no stackfuzz is, and leaves nothing behind', async entry => {
    const { status, said } = await run(await exported(entry));
    expect({ status, said }).toEqual({ status: 1, said: expect.stringMatching(/^SHOWN\.$/m) });
    const left = await machine.channel.run(`(${traces}) 2>/dev/null`, { as: 'root' });
    expect(left.stdout).toBe('');
  });

  test('without its steps nothing shows; what is there already is not touched', async () => {
    const script = (await exported(entries[0] ?? '')).replace(/^step_\d+$/gm, ':');
    expect(await run(script)).toEqual({ status: 0, said: expect.stringContaining('NOT SHOWN') });
    await machine.channel.run('mkdir /var/lib/stackfuzz /var/lib/stackfuzz/profile', { as: 'root' });
    expect(await run(script)).toEqual({ status: 2, said: expect.stringContaining('is there already') });
    const left = await machine.channel.run('rmdir /var/lib/stackfuzz/profile && id stackfuzz-repro', { as: 'root' });
    expect(left).toMatchObject({ status: 1, stdout: '' });
  });
});
