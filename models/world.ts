import type { Declaration, StackDeclaration } from './declaration.ts';
import type { OnDisk } from './observation.ts';
import type { UnitDirectory } from './search-path.ts';

/** What does not change during a run: how this profile is meant to work, and what there is to choose from. */
export interface Setup {
  /** Where the owner installs units: `~/.config/systemd/user` for Home Manager, `/etc/systemd/user` for NixOS. */
  readonly owner: UnitDirectory;
  /** What the first rebuild installs. */
  readonly declaration: Declaration;
  /** Builds of the image that the registry can be given, oldest first. */
  readonly versions: readonly string[];
}

/** What we believe: how a machine that does not lie stands now. */
export interface World {
  readonly setup: Setup;
  /** What the operator's configuration says now, installed or not. */
  readonly declared: Declaration;
  /** The profile's generations, oldest first (`nix-env --list-generations`). */
  readonly generations: readonly Declaration[];
  /** Index of the generation that the profile points at: the one last asked for. */
  readonly pointer: number;
  /** The declaration that was activated to the end. */
  readonly installed: Declaration;
  /** Every revision of every stack, by stack and revision: what a definition on disk or in memory stands for. */
  readonly revisions: Readonly<Record<string, Readonly<Record<number, StackDeclaration>>>>;
  readonly manager: 'running' | 'down';
  readonly stacks: Readonly<Record<string, StackWorld>>;
  /** What each tag means in the registry. */
  readonly registry: Readonly<Record<string, string>>;
  /** What each tag means in the machine's own image store; absent where it was never pulled. */
  readonly images: Readonly<Record<string, string>>;
  /** Names of the secrets that are missing. */
  readonly missingSecrets: readonly string[];
}

/** What we believe of one stack. */
export interface StackWorld {
  /** All that stands in the search path for its unit, by path. What the owner did not install is drift. */
  readonly files: Readonly<Record<string, OnDisk>>;
  /** The definition that the manager holds in memory. */
  readonly loaded: Loaded;
  readonly active: 'active' | 'inactive' | 'failed';
  /** By service; one that was removed by hand is absent. */
  readonly containers: Readonly<Record<string, ContainerWorld>>;
}

/** A unit definition in the manager's memory: what `restart` runs, whatever the disk says (facts-debian13 F82). */
export interface Loaded {
  readonly fragmentPath: string;
  readonly dropInPaths: readonly string[];
  readonly revision: number;
  readonly marker: string;
}

/** What we believe of one container. */
export interface ContainerWorld {
  readonly state: 'running' | 'exited';
  readonly image: string;
  readonly tag: string;
  readonly greeting: string;
  readonly marker: string;
  readonly autoUpdate: boolean;
}
