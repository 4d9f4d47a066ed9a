import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labAvailable } from '../../../src/hosts/lab/root/available.ts';
import { type CommandResult, run } from '../../../src/hosts/transport/shell.ts';

const main = fileURLToPath(new URL('../../../dist/src/cli/main.js', import.meta.url));
const cache = mkdtempSync(join(tmpdir(), 'stackfuzz-cache-'));

/**
 * Runs a script with an empty /run of its own, in which everything ends with it; `lab` is the built program, `entry` writes a
 * machine's file.
 */
const alone = (script: string): Promise<CommandResult> => {
  const prelude = `mount -t tmpfs -o mode=755 tmpfs /run
    machines=/run/stackfuzz/lab/machines
    mkdir -p $machines /run/stackfuzz/lab/locks
    lab() { timeout 60 ${process.execPath} ${main} lab "$@" 2>&1; echo "status $?"; }
    entry() {
      mkdir -p $machines/$1
      cat > $machines/$1/machine.json <<END
{"name": "$1", "suite": "trixie", "owner": \${2:-null}, "nspawn": null, "leader": \${3:-null}, "lowers": [], "cgroups": [\${4:-}]}
END
    }
    started() { echo "{\\"pid\\": $1, \\"started\\": \\"$(cut -d' ' -f22 /proc/$1/stat)\\"}"; }
    dead='{"pid": 1, "started": "1"}'`;
  return run('bash', ['-c', `${prelude}\n${script}`], {
    diesWithUs: 'tree',
    env: { STACKFUZZ_CACHE: cache },
    // Only a limit against hanging: it starts the command a dozen times.
    timeoutMs: 600_000,
  });
};

describe.skipIf(!labAvailable().ok)('what stands among the machines', () => {
  let said = '';
  beforeAll(async () => {
    const { stdout } = await alone(`
      for odd in empty text shape missing; do mkdir -p $machines/$odd; done
      : > $machines/empty/machine.json; echo oh > $machines/text/machine.json; echo '{"name": 1}' > $machines/shape/machine.json
      mkdir $machines/fifo; mkfifo $machines/fifo/machine.json
      entry other; mv $machines/other $machines/alias
      mkdir "$machines/My Machine"; : > $machines/file
      entry left "$dead"
      entry stuck "$dead"; mount --bind $machines/stuck $machines/stuck
      mkdir $machines/.1-1-half-12345678 ${cache}/lab/ ${cache}/lab/.making-trixie-abcdef
      echo "# list"; lab list
      echo "# clean"; lab clean
      umount $machines/stuck
      echo "# down"; for odd in empty text shape missing fifo alias stuck file; do lab down $odd; done
      echo "# left"; ls -A $machines; ls -A ${cache}/lab`);
    said = stdout;
  });
  afterAll(() => rmSync(cache, { recursive: true, force: true }));
  const part = (title: string): string => said.split('# ').find(each => each.startsWith(`${title}\n`)) ?? said;

  test('and is odd is told of, with what to type, and hides no other', () => {
    for (const name of ['empty', 'text', 'shape', 'missing', 'fifo', 'alias', 'file']) {
      const line = new RegExp(`^"${name}": machine.json .*; where nobody uses it: stackfuzz lab down ${name}$`, 'm');
      expect(part('list')).toMatch(line);
      expect(part('clean')).toMatch(new RegExp(`^Left alone: "${name}": `, 'm'));
    }
    expect(part('list')).toMatch(/^"My Machine": no name of a machine; .* remove it by hand$/m);
    expect(part('list')).toMatch(/^left {2}trixie, down, left behind: lab clean takes it down$/m);
    expect(part('list')).toMatch(/^status 0$/m);
  });

  test('and cannot be taken down is told of, and the others are taken down', () => {
    expect(part('clean')).toMatch(/^Took down left\.$/m);
    expect(part('clean')).toMatch(/^Left alone: stuck: .*EBUSY/m);
    expect(part('clean')).toMatch(/^status 255$/m);
  });

  test('can be taken down by name, whatever it is', () => {
    expect(part('down').match(/^status 0$/gm)).toHaveLength(8);
    expect(part('left')).toBe('left\nMy Machine\n.lock-trixie');
  });
});

test.skipIf(!labAvailable().ok)('what an entry says leads nobody to what is not of that machine', async () => {
  const { stdout } = await alone(`
    for cgroups in /sys/fs/cgroup/unified /sys/fs/cgroup; do [ ! -e $cgroups/cgroup.procs ] || break; done
    mkdir $cgroups/victim-$$
    sleep 300 & echo $! > $cgroups/victim-$$/cgroup.procs
    entry evil "$dead" "$(started $!)" "\\"$cgroups/victim-$$\\""
    lab shell evil; lab down evil
    kill -0 $! && echo alive; ls -d $cgroups/victim-$$ >/dev/null && echo there
    kill $!; wait $!; rmdir $cgroups/victim-$$; ls $machines`);
  expect(stdout).toMatch(/found evil, which is down\n.*\nstatus 3\nevil is down\.\nstatus 0\nalive\nthere$/);
});

test.skipIf(!labAvailable().ok)('nobody else can hold a lock, or enter where machines are', async () => {
  const { stdout } = await alone(`
    other() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
    : > /run/stackfuzz/lab/locks/clean
    chmod 755 /run/stackfuzz /run/stackfuzz/lab /run/stackfuzz/lab/locks; chmod 644 /run/stackfuzz/lab/locks/clean
    other flock /run/stackfuzz/lab/locks/clean -c 'echo held; exec sleep 300' >/run/held &
    until grep -q held /run/held; do sleep 0.01; done
    lab clean
    other flock --nonblock /run/stackfuzz/lab/locks/clean true 2>/dev/null || echo refused
    other ls $machines 2>/dev/null || echo refused
    stat -c '%a %n' /run/stackfuzz /run/stackfuzz/lab /run/stackfuzz/lab/*
    kill $!`);
  const folders = ['', '/lab', '/lab/locks', '/lab/machines'].map(path => `700 /run/stackfuzz${path}`);
  expect(stdout.split('\n')).toEqual(['Nothing was left behind.', 'status 0', 'refused', 'refused', ...folders]);
});

test.skipIf(!labAvailable().ok)('a cache where no folder can be made is refused at once', async () => {
  const { stdout } = await alone('STACKFUZZ_CACHE=/proc/x lab build');
  expect(stdout).toMatch(
    /^\/proc\/x\/lab: expected a folder that can be made .*\(ENOENT\)\n.*STACKFUZZ_CACHE=.*\nstatus 3$/,
  );
});
