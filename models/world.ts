import { type ContainerFields, withFields } from './machine/container-fields.ts';
import type { Declaration, StackDeclaration } from './machine/declaration.ts';
import type { UnitDirectory } from './machine/search-path.ts';
import type { MachineTraits } from './machine/traits.ts';
import type { OnDisk } from './observation.ts';
import type { Lacks } from './role.ts';

/** What does not change during a run: how this profile works, and what there is to choose from. */
export interface ModelConfig {
  /**
   * The directory where the owner installs units: `~/.config/systemd/user` for Home Manager, `/etc/systemd/user` for
   * NixOS. It decides whose manager runs the stacks (scopeOf). */
  readonly owner: UnitDirectory;
  /** What the first rebuild installs. */
  readonly declaration: Declaration;
  /** What is rebuilt right before it, and what a rollback from it leads to; absent on a machine where it is the first of all. */
  readonly before?: Declaration;
  /** Builds of the image that can be pushed to the registry, oldest first. */
  readonly versions: readonly string[];
  readonly traits: Traits;
  /** What has no meaning under this profile, and why. Operations that need it are in no plan. Absent where there is nothing. */
  readonly lacks?: Lacks;
}

/** Behaviour by design in which machines and profiles differ. */
export interface Traits extends MachineTraits {
  /**
   * A stack's containers are in the control group of its unit, and end with it: with podman-compose where podman stays there,
   * not with docker compose (facts-debian13 F74).
   */
  readonly containersInUnit: boolean;
  /**
   * Each container is run by a unit of its own, which podman's generator makes of a quadlet file. It removes what it has stopped or
   * lost; the stack's unit wants all of them, and they stop with it (podman-systemd.unit(5); facts.md F140).
   */
  readonly ownUnits: boolean;
  /** What the name of such a unit begins with, before the stack's; nothing where absent. */
  readonly ownUnitPrefix?: string;
  /**
   * A start waits until a job runs that another service needs, which it never does again once it has ended: podman-compose (facts.md
   * F171).
   */
  readonly awaitsEndedJobs?: true;
  /** Podman's generator makes these units of quadlet files, which the owner installs (machine/quadlets.ts). */
  readonly quadlets?: boolean;
  /** The profile has an update unit of its own. */
  readonly hasUpdateUnit: boolean;
  /**
   * How often in a row the manager starts a stack's unit: then it refuses, with the result `start-limit-hit`, until the failure is
   * reset or the manager ends (man systemd.unit, StartLimitBurst=). Absent where there is no limit.
   */
  readonly startLimit?: number;
  /** The owner also activates at boot the generation that the profile points at, before a user manager runs (facts.md F37). */
  readonly activatesAtBoot: boolean;
}

/** What we believe: the state of a machine that does not lie. */
export interface World {
  readonly setup: ModelConfig;
  /** What the operator's configuration declares now, installed or not. */
  readonly declared: Declaration;
  /** The profile's generations, oldest first (`nix-env --list-generations`). */
  readonly generations: readonly Declaration[];
  /** Index of the generation that the profile points at: the last requested one. */
  readonly pointer: number;
  /** The declaration of the last complete activation. */
  readonly installed: Declaration;
  /** Every revision of every stack, by stack and revision: what a definition on disk or in memory declares. */
  readonly revisions: Readonly<Record<string, Readonly<Record<number, StackDeclaration>>>>;
  readonly manager: 'running' | 'down';
  /** Whether linger is on, so that the operator's manager starts with the machine (man loginctl). */
  readonly linger: boolean;
  /** Whether logind has forgotten the operator, so that it can neither end their manager nor report on them (facts.md F22). */
  readonly forgotten: boolean;
  /** Whether the Nix store has room for another generation. */
  readonly store: 'roomy' | 'full';
  readonly etc: 'writable' | 'read-only';
  /** Why nothing is known of the machine until a rebuild claims success; null where all is known. */
  readonly uncertain: string | null;
  readonly stacks: Readonly<Record<string, StackWorld>>;
  /** The operator's own containers, by name: they belong to no stack, and do not concern the owner. */
  readonly strangers: Readonly<Record<string, ContainerWorld>>;
  /** Tag → build in the registry; absent where it was deleted. */
  readonly registry: Readonly<Record<string, string>>;
  readonly registryUp: boolean;
  /** Tag → build in the machine's own image store; absent where it was never pulled. */
  readonly images: Readonly<Record<string, string>>;
  /** The same for tags that a failed start may have pulled: whether they are there is not known. */
  readonly perhapsPulled: Readonly<Record<string, string>>;
  /** Names of the env files that are missing. */
  readonly missingSecrets: readonly string[];
  /** Names of the env files that no program can read as one. */
  readonly malformedSecrets: readonly string[];
  /** Names of the env files that have their second text: each rotation gives one the other of its two. */
  readonly rotatedSecrets: readonly string[];
  readonly lookup: Lookup;
  /** Health timers without a container, by their names in the observation. */
  readonly strayTimers: readonly string[];
  /**
   * Named volumes that stacks have made, with the options that each was made with (`volumeOptions`), in the order of their names:
   * they stay where a stack goes, and so does what is in them.
   */
  readonly volumes: Readonly<Record<string, string>>;
}

/**
 * The world with some parts changed, or unchanged, in one fixed order of keys. V8 gives the result of `{ ...world, … }` its own
 * memory layout, in some places a new one each time; where millions of worlds are read, that is fast only if all have the same
 * layout.
 */
export function laidOut(world: World, change: Partial<World> = {}): World {
  const copy: Writable<World> = {
    setup: world.setup,
    declared: world.declared,
    generations: world.generations,
    pointer: world.pointer,
    installed: world.installed,
    revisions: world.revisions,
    manager: world.manager,
    linger: world.linger,
    forgotten: world.forgotten,
    store: world.store,
    etc: world.etc,
    uncertain: world.uncertain,
    stacks: world.stacks,
    strangers: world.strangers,
    registry: world.registry,
    registryUp: world.registryUp,
    images: world.images,
    perhapsPulled: world.perhapsPulled,
    missingSecrets: world.missingSecrets,
    malformedSecrets: world.malformedSecrets,
    rotatedSecrets: world.rotatedSecrets,
    lookup: world.lookup,
    strayTimers: world.strayTimers,
    volumes: world.volumes,
  };
  // Few parts change: to read all of them from a change would take longer.
  for (const part in change) {
    const value = change[part as keyof World];
    if (value !== undefined) (copy as Record<string, unknown>)[part] = value;
  }
  return copy;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * What the manager knows of the places of unit files. It keeps a map of them, and makes a new one only when it loads a unit
 * after a directory of the search path has changed; it ignores the modification times of the directories that verbs write to
 * (systemd's path-lookup.c, lookup_paths_timestamp_hash_same; seen on 257). A reload always makes a new one.
 */
export interface Lookup {
  /** Whether a directory whose time it checks has changed: it makes a new map when it next loads a unit. */
  readonly isDue: boolean;
  /**
   * Unit files and directories of drop-ins that appeared or disappeared in the directories that verbs write to, since it made
   * its map.
   */
  readonly unnoticed: readonly string[];
  /** Empty directories of drop-ins: a file that is put there does not change the directory above. */
  readonly empty: readonly string[];
}

/** What we believe of one stack. */
export interface StackWorld {
  /** Everything in the search path for its unit, by path. What the owner did not install is drift. */
  readonly files: Readonly<Record<string, OnDisk>>;
  /** The definition in the manager's memory. */
  readonly loaded: Loaded;
  /** Whether default.target wants the unit, as far as the manager knows: a manager that starts, starts it. */
  readonly wanted: boolean;
  readonly active: 'active' | 'inactive' | 'failed';
  /** Containers by service; one that was removed by hand is absent. */
  readonly containers: Readonly<Record<string, ContainerWorld>>;
  /** Revision of the definition that made its containers last; null where there were never any. */
  readonly made: number | null;
  /** Whether only its running containers are known: a failed start may leave any others. */
  readonly vague: boolean;
  /** How often its unit was started in a row; 0 where nobody counts (Traits.startLimit). */
  readonly begun: number;
}

/** A unit definition in the manager's memory: `restart` runs this one, whatever is on disk (facts-debian13 F82). */
export interface Loaded {
  /** `error` where a unit lost its file while active and got it back: only a reload ends that. */
  readonly loadState: 'loaded' | 'not-found' | 'masked' | 'error';
  /** Empty where no file was found. */
  readonly fragmentPath: string;
  readonly dropInPaths: readonly string[];
  /** Null where the unit is not loaded. */
  readonly revision: number | null;
  readonly marker: string | null;
  /**
   * The containers for which podman's generator made units at the last reload, by service, with the marker of each; absent where no
   * generator does.
   */
  readonly parts?: Readonly<Record<string, string>>;
}

/** The same container, also with another state, in one fixed order of keys (laidOut). */
export const laidOutContainer = (container: ContainerWorld, state = container.state): ContainerWorld =>
  withFields({ state, health: container.health }, container);

/** What we believe of one container. */
export interface ContainerWorld extends ContainerFields {
  /**
   * `unknown` where it may have been stopped or not, and both are honest; `undecided` where it ended and podman may have run it
   * again or not: podman controls it, and the next start or stop decides.
   */
  readonly state: 'running' | 'exited' | 'dead' | 'unwatched' | 'unknown' | 'undecided';
  /** What its healthcheck would report now. */
  readonly health: 'none' | 'healthy' | 'unhealthy' | 'starting';
}
