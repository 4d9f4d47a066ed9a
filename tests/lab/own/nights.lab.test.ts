import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { isTurnAmong } from '../../../src/setup/share.mjs';
import { runStackfuzz, typed } from '../../helpers/command.ts';
import { type SshMachine, sshAvailable, sshMachine } from '../../helpers/ssh-machine.ts';

const entry = 'corpus/stopped-means-stopped/disable-stop.json';

const isDone = sshAvailable() && isTurnAmong(1, 5);

describe.skipIf(!isDone)('a machine of somebody’s own, night by night', () => {
  let machine: SshMachine;
  const type = (...args: string[]) => typed(args, machine.folder);
  /** What is left of stacks under test and of stackfuzz. */
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
    const nightly = ['nightly', '--host', 'somebody', '--corpus', 'corpus', '--schedule', 'walks', '--runs', '1'];
    const first = runStackfuzz([...nightly, '--seed', '5', '--budget', '30s', '--json', 'night.json'], machine.folder);
    // Another night comes meanwhile: it is refused, told, and kept as one that was not begun; the first goes on.
    const lock = '~/.local/state/stackfuzz/lock';
    await machine.run(`until [ -e ${lock} ]; do sleep 0.1; done`, 'operator');
    const holder = await machine.run(`cat ${lock}`, 'operator');
    const second = await type(...nightly, '--history', 'second.db', '--notify', 'command:cat > second');
    expect(second, second.out).toMatchObject({
      status: 3,
      err: expect.stringMatching(/expected a host that nobody else is testing, found the lock of run /),
    });
    expect(second.err.match(/nobody else is testing/g)).toHaveLength(1);
    expect(readFileSync(join(machine.folder, 'second'), 'utf8')).toMatch(/^somebody: not begun/);
    expect(await machine.run(`cat ${lock}`, 'operator')).toBe(holder);
    const night = await first;
    expect(night.status, `${night.out}\n${night.err}`).toBe(1);
    expect(night.out).toContain(`${entry}: still violated, as expected`);
    expect(readFileSync(join(machine.folder, 'told'), 'utf8')).toContain('somebody: violated');
    const report = JSON.parse(readFileSync(join(machine.folder, 'night.json'), 'utf8'));
    expect(report).toMatchObject({ command: 'nightly', status: 1, nights: [{ verdict: 'violated' }] });
    // Which release a machine of one's own is nobody said.
    expect(report.suite).toBeUndefined();
    const history = await type('history', '--host', 'somebody');
    expect(history).toMatchObject({ status: 0, out: expect.stringContaining(entry) });
    expect(await left()).toBe(before);
  });

  test('an audit finds nothing to judge where the stacks under test were all that ran', async () => {
    expect(await type('audit', '--host', 'somebody')).toMatchObject({
      status: 2,
      out: expect.stringContaining('no unit of homelab runs containers'),
    });
  });

  test('no secret of theirs is in anything that stackfuzz writes, here or there', async () => {
    const tokens = new Map<string, string>();
    const token = (where: string): string => {
      const made = `t${randomBytes(12).toString('hex')}`;
      tokens.set(where, made);
      return made;
    };
    mkdirSync(join(machine.folder, 'small'));
    writeFileSync(
      join(machine.folder, 'small/profile.yaml'),
      'about: one small stack\nextends: home-manager\nstacks: { web: { secrets: [web], services: { app: { tag: stable } } } }\n',
    );
    machine.configure({ profile: './small', operations: { only: ['rebuild', 'edit-by-systemctl'] } });
    // A rebuild that leaves a drop-in is a finding: it is saved, with its evidence.
    await machine.run(
      `mkdir -p ~/.config/systemd/user/service.d ~/.config/environment.d ~/.config/containers ~/secrets
cat > ~/.config/systemd/user/service.d/10-theirs.conf <<'END'
[Service]
Environment=DB_PASSWORD=${token('Environment= of a unit')} "API_TOKEN=${token('Environment= of a unit, in quotes')}"
ExecStartPre=/bin/sh -c 'echo "logging in with password=${token('a line of the journal')}"; echo "GET https://me:${token('an address in the journal')}@example.org/"; echo "Authorization: Bearer ${token('a header in the journal')}" >&2'
END
echo 'SMTP_PASSWORD=${token("the manager's environment")}' > ~/.config/environment.d/10-theirs.conf
printf '[containers]\\nenv = ["POSTGRES_PASSWORD=%s"]\\n' ${token("a container's environment")} > ~/.config/containers/containers.conf
echo 'APP_SECRET=${token('an env file')}' > ~/secrets/theirs.env
printf 'plain = "%s"\\n' '${token('an env file, under a name that tells nothing')}' > ~/secrets/odd.env
cat > ~/.config/systemd/user/prod-stack.service <<'END'
[Service]
Type=oneshot
RemainAfterExit=yes
Environment=MYSQL_PWD=${token("a unit of somebody else's")}
ExecStart=/usr/bin/podman run -d --name prod -e ADMIN_PASSWORD=${token("a container of somebody else's")} --label com.docker.compose.project=prod localhost:5000/probe:v1
END
systemctl --user daemon-reexec
systemctl --user start prod-stack.service`,
      'operator',
    );
    const said = [
      await type('doctor', '--host', 'somebody', '--verbose'),
      await type(
        ...['fuzz', '--host', 'somebody', '--schedule', 'walks', '--runs', '1', '--steps', '4', '--seed', '5'],
        ...['--verbose', '--corpus', 'found', '--json', 'fuzz.json'],
      ),
      // What was found shows again, is reported in every format, and goes into the history.
      await type(
        ...['nightly', '--host', 'somebody', '--schedule', 'walks', '--runs', '1', '--budget', '1s', '--verbose'],
        ...['--corpus', 'found', '--history', 'history.db', '--json', 'f.json'],
        ...['html', 'md', 'xml', 'sarif'].flatMap(each => ['--report', `f.${each}`]),
      ),
      await type('scenario', 'S10', '--host', 'somebody', '--out', 'records', '--verbose'),
      await type('audit', '--host', 'somebody', '--json', 'audit.json'),
    ];
    const entries = readdirSync(join(machine.folder, 'found'), { recursive: true, encoding: 'utf8' });
    const found = entries.find(name => name.endsWith('.json') && name.includes('/')) ?? '';
    // A script is made of a shipped profile's entry.
    const entry = JSON.parse(readFileSync(join(machine.folder, 'found', found), 'utf8'));
    writeFileSync(join(machine.folder, 'entry.json'), JSON.stringify({ ...entry, profile: 'home-manager' }));
    said.push(await type('corpus', 'export', 'entry.json', '--out', 'export.sh'));
    const written = readdirSync(machine.folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter(each => each.isFile())
      .map(each => readFileSync(join(each.parentPath, each.name), 'utf8'));
    const there = await machine.run(
      'find ~homelab/.local/state/stackfuzz ~homelab/.local/share/stackfuzz /var/lib/stackfuzz /tmp -type f -not -path "*/recorded/*" -exec cat {} + 2> /dev/null; journalctl -t stackfuzz --no-pager',
    );
    for (const each of ['f.html', 'f.md', 'f.xml', 'f.sarif', 'f.json', 'history.db', 'export.sh', 'export.md'])
      expect(readFileSync(join(machine.folder, each), 'utf8').includes('drop-in'), each).toBe(true);
    // The texts that are searched are the right ones: evidence of these units, and a record.
    const all = [...said.map(({ out, err }) => out + err), ...written, there].join('\n');
    for (const known of ['10-theirs.conf', 'DB_PASSWORD=[redacted]', 'with password=[redacted]', 'prod-stack.service'])
      expect(all.includes(known), known).toBe(true);
    expect([...tokens].filter(([, text]) => all.includes(text)).map(([where]) => where)).toEqual([]);
  });
});
