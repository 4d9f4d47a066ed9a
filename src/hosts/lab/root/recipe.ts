import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { agentPath, enabled, files, masked, maskedGenerators, removed } from '../machine/settings.ts';
import { beside } from '../register/paths.ts';
import { bakeScript } from './bake-script.ts';

/** A Debian suite that the lab can be built from. */
export type Suite = 'trixie' | 'bookworm';

/** Everything that goes into a root; another recipe is another root. */
export interface Recipe {
  readonly suite: Suite;
  readonly packages: readonly string[];
  readonly leftOut: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  readonly masked: readonly string[];
  readonly maskedGenerators: readonly string[];
  readonly removed: readonly string[];
  readonly enabled: readonly string[];
  readonly bake: string;
}

const everywhere = [
  ...['systemd', 'systemd-sysv', 'dbus', 'dbus-user-session', 'libpam-systemd'],
  ...['podman', 'podman-compose', 'docker-registry', 'nix-bin', 'crun', 'uidmap', 'slirp4netns', 'netavark'],
  ...['aardvark-dns', 'iptables', 'nftables', 'catatonit', 'fuse-overlayfs'],
  ...['busybox-static', 'ca-certificates', 'curl', 'iproute2', 'procps'],
  // For tests in which a machine is somebody's host: reached over ssh, root by sudo. Nothing starts them by itself.
  ...['openssh-server', 'sudo'],
];

/** Debian 12 has no passt, and its docker-compose is the old one without a place in `podman compose`. */
const packagesOf: Readonly<Record<Suite, readonly string[]>> = {
  trixie: [...everywhere, 'passt', 'docker-compose'],
  bookworm: everywhere,
};

const leftOut = [
  '/usr/share/doc/*',
  '/usr/share/man/*',
  '/usr/share/info/*',
  '/usr/share/locale/*',
  '/usr/share/lintian/*',
];

/** The recipe of a suite. */
export const recipeOf = (suite: Suite): Recipe => ({
  suite,
  packages: packagesOf[suite],
  leftOut,
  files: { ...files, [agentPath]: readFileSync(beside('agent.pl'), 'utf8') },
  masked,
  maskedGenerators,
  removed,
  enabled,
  bake: bakeScript,
});

/** Identifies a recipe: twelve hexadecimal digits. */
export const hashOf = (recipe: Recipe): string =>
  createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 12);
