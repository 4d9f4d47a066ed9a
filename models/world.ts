import { type ContainerFields, withFields } from './machine/container-fields.ts';
import type { Declaration, StackDeclaration } from './machine/declaration.ts';
import type { UnitDirectory } from './machine/search-path.ts';
import type { MachineTraits } from './machine/traits.ts';
import type { OnDisk } from './observation.ts';

/** What does not change during a run: how this profile is meant to work, and what there is to choose from. */
export interface ModelConfig {
  /** Where the owner installs units: `~/.config/systemd/user` for Home Manager, `/etc/systemd/user` for NixOS. */
  readonly owner: UnitDirectory;
  /** What the first rebuild installs. */
  readonly declaration: Declaration;
  /** Builds of the image that the registry can be given, oldest first. */
  readonly versions: readonly string[];
  readonly traits: Traits;
}

/** What one kind of machine does by its design and another does not: capabilities, whatever their cause. */
export interface Traits extends MachineTraits {
  /**
   * A stack's containers live in the control group of its unit, and end with it: so with podman-compose where podman stays
   * there, not with docker compose (facts-debian13 F74).
   */
  readonly containersInUnit: boolean;
  /** The profile brings an update unit of its own along. */
  readonly hasUpdateUnit: boolean;
  /** The owner also activates at boot what the profile points at, before any user manager is there (facts.md F37). */
  readonly activatesAtBoot: boolean;
}

/** What we believe: how a machine that does not lie stands now. */
export interface World {
  readonly setup: ModelConfig;
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
  /** Whether the operator lingers, so that their manager starts with the machine (man loginctl). */
  readonly linger: boolean;
  /** Whether logind has forgotten the operator, so that it can neither end their manager nor tell of them (facts.md F22). */
  readonly forgotten: boolean;
  /** Whether the Nix store has room for another generation. */
  readonly store: 'roomy' | 'full';
  readonly etc: 'writable' | 'read-only';
  /** Why nothing can be known of the machine until a rebuild claims success; null where all is known. */
  readonly uncertain: string | null;
  readonly stacks: Readonly<Record<string, StackWorld>>;
  /** Containers of the operator's own, by name: no stack's, and none of the owner's business. */
  readonly strangers: Readonly<Record<string, ContainerWorld>>;
  /** What each tag means in the registry; absent where it was taken out. */
  readonly registry: Readonly<Record<string, string>>;
  readonly registryUp: boolean;
  /** What each tag means in the machine's own image store; absent where it was never pulled. */
  readonly images: Readonly<Record<string, string>>;
  /** The same of tags that a start may have pulled before it failed: whether they are there is not known. */
  readonly perhapsPulled: Readonly<Record<string, string>>;
  /** Names of the env files that are missing. */
  readonly missingSecrets: readonly string[];
  /** Names of those that no program can read as an env file. */
  readonly malformedSecrets: readonly string[];
  readonly lookup: Lookup;
  /** Health timers without a container that somebody left behind, as the observation names them. */
  readonly strayTimers: readonly string[];
}

/**
 * The world with some of it changed, or as it was, its parts in one fixed order. V8 gives what `{ ...world, … }` makes a layout of
 * its own, at some places a new one each time; where millions of worlds go by, what reads them is fast only if all are laid out alike.
 */
export const laidOut = (world: World, change: Partial<World> = {}): World => ({
  setup: change.setup ?? world.setup,
  declared: change.declared ?? world.declared,
  generations: change.generations ?? world.generations,
  pointer: change.pointer ?? world.pointer,
  installed: change.installed ?? world.installed,
  revisions: change.revisions ?? world.revisions,
  manager: change.manager ?? world.manager,
  linger: change.linger ?? world.linger,
  forgotten: change.forgotten ?? world.forgotten,
  store: change.store ?? world.store,
  etc: change.etc ?? world.etc,
  uncertain: change.uncertain === undefined ? world.uncertain : change.uncertain,
  stacks: change.stacks ?? world.stacks,
  strangers: change.strangers ?? world.strangers,
  registry: change.registry ?? world.registry,
  registryUp: change.registryUp ?? world.registryUp,
  images: change.images ?? world.images,
  perhapsPulled: change.perhapsPulled ?? world.perhapsPulled,
  missingSecrets: change.missingSecrets ?? world.missingSecrets,
  malformedSecrets: change.malformedSecrets ?? world.malformedSecrets,
  lookup: change.lookup ?? world.lookup,
  strayTimers: change.strayTimers ?? world.strayTimers,
});

/**
 * What the manager knows of where unit files are. It keeps a map of them, and makes it anew only when it loads a unit after a
 * directory of the search path has changed; by the times of systemd's own directories, those that verbs write to, it does not
 * go (systemd's path-lookup.c, lookup_paths_timestamp_hash_same; seen on 257). A reload always makes it anew.
 */
export interface Lookup {
  /** Whether a directory that it goes by has changed: it looks around when it next loads a unit. */
  readonly isDue: boolean;
  /** What came to systemd's own directories, or went, since it looked around: unit files and directories of drop-ins. */
  readonly unnoticed: readonly string[];
  /** Directories of drop-ins that stand empty: what is put there is no change of the directory above. */
  readonly empty: readonly string[];
}

/** What we believe of one stack. */
export interface StackWorld {
  /** All that stands in the search path for its unit, by path. What the owner did not install is drift. */
  readonly files: Readonly<Record<string, OnDisk>>;
  /** The definition that the manager holds in memory. */
  readonly loaded: Loaded;
  /** Whether default.target wants the unit, as far as the manager knows: what it starts when it starts. */
  readonly wanted: boolean;
  readonly active: 'active' | 'inactive' | 'failed';
  /** By service; one that was removed by hand is absent. */
  readonly containers: Readonly<Record<string, ContainerWorld>>;
  /** Revision of the definition by which its containers were made last; null where none ever were. */
  readonly made: number | null;
  /** Whether only its running containers are known: a start that failed leaves what it will. */
  readonly vague: boolean;
}

/** A unit definition in the manager's memory: what `restart` runs, whatever the disk says (facts-debian13 F82). */
export interface Loaded {
  /** `error` where a file came back to a unit that had lost it while active: only a reload ends that. */
  readonly loadState: 'loaded' | 'not-found' | 'masked' | 'error';
  /** Empty where nothing was found. */
  readonly fragmentPath: string;
  readonly dropInPaths: readonly string[];
  /** Null where the unit is not loaded. */
  readonly revision: number | null;
  readonly marker: string | null;
}

/** The same container, or the same in another state, its parts in one fixed order (laidOut). */
export const laidOutContainer = (container: ContainerWorld, state = container.state): ContainerWorld =>
  withFields({ state, health: container.health }, container);

/** What we believe of one container. */
export interface ContainerWorld extends ContainerFields {
  /**
   * `unknown` where a machine may have stopped it or not, and lies in neither case; `undecided` where it ended, and podman
   * may have run it again or not: podman has hold of it, and the next start or stop decides.
   */
  readonly state: 'running' | 'exited' | 'dead' | 'unwatched' | 'unknown' | 'undecided';
  /** What its healthcheck says, were it asked now. */
  readonly health: 'none' | 'healthy' | 'unhealthy' | 'starting';
}
