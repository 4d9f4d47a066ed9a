/** The operator inside a lab machine. */
export const operator = { name: 'homelab', uid: 1500, home: '/home/homelab' } as const;

/** Builds of the probe image in the registry, oldest first, each under a tag of its own name; `stable` is v1. */
export const versions = ['v1', 'v2', 'v3'] as const;

/**
 * The path of the agent (agent.pl) in a machine: it is part of the root, so that nothing is written into a machine from
 * outside.
 */
export const agentPath = '/usr/local/lib/stackfuzz/agent.pl';

/** Users as whom a channel can run commands. */
export type Speaker = 'operator' | 'root';

/** The socket inside a machine behind which the agent waits. */
export const socketPath = (speaker: Speaker): string => `/run/stackfuzz-agent/${speaker}`;

const lines = (...text: readonly string[]): string => `${text.join('\n')}\n`;

const path = '/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin';
const runtime = `/run/user/${operator.uid}`;
const environment: Readonly<Record<Speaker, string>> = {
  operator: `HOME=${operator.home} USER=${operator.name} LOGNAME=${operator.name} SHELL=/bin/bash XDG_RUNTIME_DIR=${runtime} DBUS_SESSION_BUS_ADDRESS=unix:path=${runtime}/bus`,
  root: 'HOME=/root USER=root LOGNAME=root SHELL=/bin/bash',
};

/**
 * Two units for each user: systemd itself starts the agent for a connection to the socket, and the socket can be reached from
 * outside through /proc/LEADER/root. So the agent lives in the machine's own cgroup (facts-debian13 F70), belongs to no session
 * of logind, and survives the user manager.
 */
const agentUnits = (speaker: Speaker): Readonly<Record<string, string>> => ({
  [`/etc/systemd/system/stackfuzz-${speaker}.socket`]: lines(
    '[Socket]',
    `ListenStream=${socketPath(speaker)}`,
    'SocketMode=0600',
    'Accept=yes',
  ),
  [`/etc/systemd/system/stackfuzz-${speaker}@.service`]: lines(
    '[Unit]',
    'DefaultDependencies=no',
    'CollectMode=inactive-or-failed',
    '[Service]',
    `ExecStart=/usr/bin/perl ${agentPath}`,
    'StandardInput=socket',
    'StandardError=journal',
    `User=${speaker === 'operator' ? operator.name : 'root'}`,
    `Environment=LANG=C.UTF-8 PATH=${path} ${environment[speaker]}`,
    'IgnoreSIGPIPE=no',
    'TimeoutStopSec=2',
  ),
});

/** Files written into the root when it is built; the reason for each stands beside it. */
export const files: Readonly<Record<string, string>> = {
  '/etc/hostname': lines('lab'),
  '/etc/hosts': lines('127.0.0.1 localhost lab', '::1 localhost'),
  // Podman refuses to start a container without one.
  '/etc/resolv.conf': lines('nameserver 127.0.0.1'),
  '/etc/subuid': lines(`${operator.name}:200000:65536`),
  '/etc/subgid': lines(`${operator.name}:200000:65536`),
  [`/var/lib/systemd/linger/${operator.name}`]: '',
  // No cgroup controllers are delegated to a machine, and keyctl is not available inside.
  '/etc/containers/containers.conf': lines(
    '[containers]',
    'pids_limit = 0',
    'keyring = false',
    '[engine]',
    'compose_warning_logs = false',
  ),
  '/etc/containers/storage.conf': lines(
    '[storage]',
    'driver = "overlay"',
    'runroot = "/run/containers/storage"',
    'graphroot = "/var/lib/containers/storage"',
  ),
  '/etc/containers/registries.conf.d/lab.conf': lines('[[registry]]', 'location = "localhost:5000"', 'insecure = true'),
  '/etc/docker/registry/config.yml': lines(
    'version: 0.1',
    'log: {level: warn}',
    'storage: {filesystem: {rootdirectory: /var/lib/docker-registry}, delete: {enabled: true}}',
    'http: {addr: "localhost:5000"}',
  ),
  // Otherwise logind waits 10 s after the end of a user manager before it forgets the operator, and nothing happens meanwhile.
  '/etc/systemd/logind.conf.d/lab.conf': lines('[Login]', 'UserStopDelaySec=0'),
  // Podman and docker-compose are Go programs that live for a tenth of a second: collecting garbage took a seventh of the
  // processor time of a restart. A longer-lived one still collects when it has grown to this size.
  '/etc/systemd/system.conf.d/lab.conf': lines('[Manager]', 'DefaultEnvironment=GOGC=off GOMEMLIMIT=128MiB'),
  // Nothing is built or fetched; the operator owns the store, so that no build users are needed.
  '/etc/nix/nix.conf': lines(
    'sandbox = false',
    'substitute = false',
    'build-users-group =',
    'experimental-features = nix-command flakes',
  ),
  ...agentUnits('operator'),
  ...agentUnits('root'),
};

/** Links written into the root when it is built, as `systemctl enable` would make them. */
export const enabled: readonly string[] = ['stackfuzz-operator.socket', 'stackfuzz-root.socket'];

/** Units that take time at every boot, or start by themselves, and that no stack needs. */
export const masked: readonly string[] = [
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'fstrim.timer',
  'man-db.timer',
  'getty@tty1.service',
  'console-getty.service',
  'netavark-dhcp-proxy.service',
  'netavark-dhcp-proxy.socket',
  'systemd-pstore.service',
];

/** Generators of system units that find nothing to make on a machine, and cost a process each at every daemon-reload. */
export const maskedGenerators: readonly string[] = [
  'podman-system-generator',
  'systemd-debug-generator',
  'systemd-fstab-generator',
  'systemd-getty-generator',
  'systemd-gpt-auto-generator',
  'systemd-hibernate-resume-generator',
  'systemd-rc-local-generator',
  'systemd-run-generator',
  'systemd-ssh-generator',
  'systemd-system-update-generator',
  'systemd-sysv-generator',
  'systemd-tpm2-generator',
];

/**
 * Files that are removed from a finished root. Podman asks dpkg for the package of each of its helpers whenever docker compose
 * asks it for /info, which was a quarter of the cost of a rebuild; on NixOS there is no dpkg to ask. A test that needs an ssh
 * server starts it itself.
 */
export const removed: readonly string[] = ['/usr/bin/dpkg', '/etc/systemd/system/multi-user.target.wants/ssh.service'];
