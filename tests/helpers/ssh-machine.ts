import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { readHostsFile } from '../../src/cli/hosts-file.ts';
import { boot, type LabMachine, labAvailable } from '../../src/hosts/lab/index.ts';
import { directoryOf } from '../../src/hosts/lab/register/register.ts';
import type { OwnHost } from '../../src/hosts/own/own-host.ts';

/** Whether a lab machine can be reached over ssh here. */
export const sshAvailable = (): boolean => labAvailable().ok && spawnSync('ssh', ['-V']).status === 0;

/** Keys of docs/hosts.md for the test's machine, besides how it is reached, as YAML lines. */
export type Keys = Readonly<Record<string, unknown>>;

/**
 * For tests: a lab machine used as a machine of one's own. It is reached over real ssh, with keys of the test's, through a
 * relay into the machine's own network, which has only a loopback. The operator is `homelab`, who may become root by sudo.
 */
export interface SshMachine {
  readonly lab: LabMachine;
  /** Its name in the hosts file. */
  readonly name: string;
  /** A folder of the test's with stackfuzz.yaml in it, in which commands are typed. */
  readonly folder: string;
  /** Runs a script on the machine without ssh, so that it works while connections are cut. */
  run(script: string, as?: 'operator' | 'root'): Promise<string>;
  /** Writes stackfuzz.yaml anew with these keys instead of the usual ones; null leaves a key out. */
  configure(keys?: Keys): OwnHost;
  /** Cuts every connection, inside the machine: commands that run there do not end by that. */
  cut(): Promise<void>;
  down(): Promise<void>;
}

/** The keys of a machine that may be fuzzed, with the scripts of the profile home-manager as its commands. */
const usual = (config: string): Keys => ({
  environment: 'non-prod',
  transport: { ssh: { destination: 'homelab@somebody', config } },
  operator: 'homelab',
  root: 'sudo',
  owner: 'home-manager',
  commands: 'profile',
  stacks: { prefix: 'sf' },
});

/** Carries bytes between ssh and the machine's sshd; after a reboot the machine's first process is another one. */
const relay = (record: string): string => `#!/bin/bash
leader=$(sed -nE 's/.*"leader":\\{"pid":([0-9]+).*/\\1/p' ${record})
exec nsenter --net="/proc/$leader/ns/net" perl -MIO::Socket::INET -MIO::Select -e '
  my $to = IO::Socket::INET->new(PeerAddr => "127.0.0.1:22") or die "$!\\n";
  my %other = (fileno(STDIN) => $to, fileno($to) => \\*STDOUT);
  my $all = IO::Select->new(\\*STDIN, $to);
  while (1) {
    for my $from ($all->can_read) {
      sysread($from, my $bytes, 65536) or exit 0;
      my $at = 0;
      while ($at < length $bytes) { $at += syswrite($other{fileno($from)}, $bytes, 65536, $at) // exit 0 }
    }
  }'
`;

/** Boots a machine; the caller takes it down. `marked` says whether it has the marker that permits changes. */
export async function sshMachine({ name = 'somebody', marked = true } = {}): Promise<SshMachine> {
  const folder = mkdtempSync(join(tmpdir(), 'stackfuzz-own-'));
  // Each test keeps the identities of hosts apart: all of them use the same name.
  process.env.XDG_STATE_HOME = join(folder, 'state');
  const lab = await boot();
  const at = (file: string): string => join(folder, file);
  const run = async (script: string, as: 'operator' | 'root' = 'root'): Promise<string> => {
    // It may have to wait, on a busy computer.
    const ran = await lab.channel.run(script, { as, timeoutMs: 600_000 });
    expect(ran, script).toMatchObject({ status: 0 });
    return ran.stdout.trim();
  };
  const configure = (keys: Keys = {}): OwnHost => {
    const all = Object.entries({ ...usual(at('ssh_config')), ...keys }).filter(([, value]) => value !== null);
    const lines = all.map(([key, value]) => `    ${key}: ${JSON.stringify(value)}`);
    writeFileSync(at('stackfuzz.yaml'), ['hosts:', `  ${name}:`, ...lines, ''].join('\n'));
    return readHostsFile(at('stackfuzz.yaml')).get(name) as OwnHost;
  };
  try {
    for (const key of ['operator', 'host'])
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'a test', '-f', at(key)]);
    const text = (file: string): string => readFileSync(at(file), 'utf8').trim();
    await run(`set -eu
umask 077
cat > /etc/ssh/test_host_key <<'END'
${text('host')}
END
printf 'HostKey /etc/ssh/test_host_key\\nListenAddress 127.0.0.1\\nPasswordAuthentication no\\nUseDNS no\\nLoginGraceTime 20\\n' > /etc/ssh/sshd_config.d/test.conf
echo 'homelab ALL=(root) NOPASSWD: ALL' > /etc/sudoers.d/homelab
for home in /root ~homelab; do
  mkdir -p $home/.ssh
  echo '${text('operator.pub')}' > $home/.ssh/authorized_keys
done
chown -R homelab: ~homelab/.ssh
${marked ? `umask 022; mkdir -p /etc/stackfuzz; echo 'host: ${name}' > /etc/stackfuzz/non-prod` : ''}
systemctl --quiet enable --now ssh.service`);
    const [type, key] = text('host.pub').split(' ');
    writeFileSync(at('known_hosts'), `somebody ${type} ${key}\n`);
    writeFileSync(at('relay'), relay(join(directoryOf(lab.name), 'machine.json')));
    chmodSync(at('relay'), 0o755);
    writeFileSync(
      at('ssh_config'),
      `Host *
  HostKeyAlias somebody
  ProxyCommand ${at('relay')}
  IdentityFile ${at('operator')}
  IdentitiesOnly yes
  UserKnownHostsFile ${at('known_hosts')}
  GlobalKnownHostsFile /dev/null
`,
    );
    configure();
  } catch (error) {
    await lab.down();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    lab,
    name,
    folder,
    run,
    configure,
    cut: async () => {
      await run(`pkill -KILL -f '^sshd(-session)?: (homelab|root)' || true`);
    },
    async down() {
      await lab.down();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
