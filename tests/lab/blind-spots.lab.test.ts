import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../models/host.ts';
import type { Observation } from '../../models/observation.ts';
import type { StepRecord } from '../../models/operation.ts';
import { loadCatalog, modelOf } from '../../src/catalog.ts';
import { deploymentOf } from '../../src/cli/machines.ts';
import { targetOf } from '../../src/cli/options.ts';
import { labAvailable } from '../../src/hosts/lab/index.ts';
import { labMachines } from '../../src/hosts/lab/lab-machines.ts';
import { realHost } from '../../src/hosts/real/real.ts';
import { modelConfigOf } from '../../src/profiles/setup.ts';
import { isTurnAmong } from '../../src/setup/share.mjs';
import { faultyProfile } from '../planted-faults/profile.ts';

/** What a hook does at each stop of a stack, and how it is undone; each breaks one promise, whose sentence names it. */
const damages = [
  {
    what: 'kills the containers in place of stopping them',
    hook: 'podman ps -q --filter name=web-app | xargs -r podman kill > /dev/null',
    undo: '',
    breaks: { 'stopped-not-killed': ['restart claims success, and container web/app was killed'] },
  },
  {
    what: 'leaves a process running',
    hook: 'systemd-run --user --scope --quiet sleep 1001 < /dev/null > /dev/null 2>&1 &',
    undo: 'pkill -f "sleep 1001"',
    breaks: { 'unit-processes-end': ['restart is over, and a process runs on: sleep in run-ID.scope'] },
  },
  {
    what: 'adds a timer',
    hook: 'systemctl --user is-active --quiet noise.timer || systemd-run --user --quiet --unit=noise --on-calendar=yearly true',
    undo: 'systemctl --user stop noise.timer',
    breaks: { 'units-beside-unchanged': ['restart was done, and noise.timer was started, which nothing asked for'] },
  },
  {
    what: 'disables the update timer',
    hook: 'systemctl --user disable --now podman-auto-update.timer',
    undo: 'systemctl --user enable --now podman-auto-update.timer',
    breaks: {
      'units-beside-unchanged': [
        'restart was done, and podman-auto-update.timer was ended, which nothing asked for',
        'restart was done, and ~/.config/systemd/user/timers.target.wants/podman-auto-update.timer is gone, which nothing declares',
      ],
    },
  },
  {
    what: 'copies secrets for everybody to read',
    hook: 'install -m 644 ~/secrets/web.env ~/web.txt',
    undo: 'rm ~/web.txt',
    breaks: { 'secrets-stay-private': ['restart was done, and others may read ~/web.txt, which holds a secret'] },
  },
  {
    what: "puts junk into the manager's environment",
    hook: 'systemctl --user set-environment JUNK=1',
    undo: 'systemctl --user unset-environment JUNK',
    breaks: { 'variables-unchanged': ['restart was done, and the variable JUNK of the user manager is new'] },
  },
  {
    what: 'writes 20 MB',
    hook: 'head -c 20M /dev/zero > ~/.local/state/junk',
    undo: 'rm ~/.local/state/junk',
    breaks: { 'writes-are-bounded': ['restart has written 20 MiB that nothing accounts for'] },
  },
  {
    what: 'tells the journal of an error',
    hook: 'echo "<3>FATAL" >&2',
    undo: '',
    breaks: {
      'success-without-errors': ['restart claims success, and the journal has an error of web-stack.service: FATAL'],
    },
  },
];

const lab = labAvailable();
const hooked = {
  name: 'hooked',
  edits: [
    {
      file: 'src/profiles/hardened/stack/stack',
      from: 'stop_project "$project"\n}',
      to: '! [[ -e ~/hook && $unit = web-stack.service ]] || source ~/hook || true\n  stop_project "$project"\n}',
    },
    {
      file: 'src/profiles/hardened/install',
      from: 'nix-store --init\n',
      to: `nix-store --init
wants=$(getent passwd "$STACKFUZZ_USER" | cut -d: -f6)/.config/systemd/user/timers.target.wants
setpriv --reuid "$STACKFUZZ_USER" --regid "$STACKFUZZ_USER" --clear-groups mkdir -p "$wants"
ln -s /usr/lib/systemd/user/podman-auto-update.timer "$wants/"
`,
    },
  ],
};

/** Every second commit does it. */
const isDone = lab.ok && isTurnAmong(2, 2);

describe.skipIf(!isDone)(`what nobody declares, on a lab machine${lab.ok ? '' : ` (skipped: ${lab.fix})`}`, () => {
  let folder: string;
  const step = { operation: 'restart', args: { stack: 'web' } };
  let host: Host;
  let broken: (seen: Observation) => Promise<Record<string, readonly string[]>>;
  let before: Observation;

  const looked = async (): Promise<Observation> => {
    expect(await host.settle()).toMatchObject({ rested: true });
    return host.observe();
  };
  const shell = async (line: string): Promise<void> =>
    expect(await host.shell(line, 'operator')).toMatchObject({ ok: true });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stackfuzz-hooked-'));
    const chosen = targetOf(faultyProfile(hooked, folder), 'docker-compose');
    const deployment = deploymentOf(chosen);
    host = realHost({ ...deployment, machines: await labMachines(deployment, { expected: 1 }) });
    await host.reset();
    before = await looked();
    const model = modelOf(await loadCatalog(), modelConfigOf(chosen));
    const restart = model.operations.get('restart');
    if (restart === undefined) throw new Error('there is no operation restart');
    broken = async seen => {
      const [world, claim] = [model.start(), { ok: true, status: 0, message: '' }];
      const after = restart.expected(world, step.args, claim);
      const { kind, role } = restart;
      const record: StepRecord = {
        step,
        kind,
        role,
        claim,
        mayFail: [],
        mustFail: [],
        before: world,
        after,
        seenBefore: before,
      };
      const all = [...model.invariants].map(([name, each]) => [name, each.broken(seen, after, [record])] as const);
      return Object.fromEntries(all.filter(([, says]) => says.length > 0));
    };
  });

  afterAll(async () => {
    await host?.close();
    rmSync(folder, { recursive: true });
  });

  it('is nothing where there is no hook', async () => {
    await host.systemctl('restart', 'web-stack.service');
    expect(await broken(await looked())).toEqual({});
  });

  it.each(damages)('is found and named where a hook $what', async ({ hook, undo, breaks }) => {
    await shell(`printf '%s\\n' '${hook}' > ~/hook`);
    before = await looked();
    await host.systemctl('restart', 'web-stack.service');
    const seen = await looked();
    await shell(`rm ~/hook; ${undo}`);
    expect(await broken(seen)).toEqual(breaks);
  });

  it('is nothing once all of it was undone', async () => {
    expect(await looked()).not.toMatchObject({ around: { units: expect.objectContaining({}) } });
  });
});
