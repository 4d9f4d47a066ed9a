import type { StackDeclaration } from '../../../models/declaration.ts';
import type { ContainerSeen, UnitSeen } from '../../../models/observation.ts';
import type { Setup } from '../../../models/world.ts';
import { type Disk, newDisk } from './disk.ts';
import { type Generation, newStore, type Store } from './texts.ts';

/** The compose implementations that `podman compose` can hand its work to. */
export type Provider = 'docker-compose' | 'podman-compose';

/** A machine in memory: what the programs of the other files read and change. */
export interface Machine {
  readonly setup: Setup;
  readonly provider: Provider;
  readonly store: Store;
  readonly disk: Disk;
  /** Counts whatever gets a time or an id. */
  clock: number;
  /** The Nix profile: generations by number, and which of them it points at. */
  readonly profile: { readonly generations: Generation[]; pointer: number };
  /** Home Manager's `current-home`. */
  home: Generation | null;
  /** The system unit `home-manager-homelab.service`: which generation its text names, and whether it is active. */
  readonly oneshot: { generation: Generation | null; active: boolean };
  /** The user manager, or null while it is down. */
  manager: Manager | null;
  readonly containers: Container[];
  /** What each tag means in the registry, and in the machine's own storage. */
  readonly registry: Map<string, string>;
  readonly images: Map<string, string>;
  /** Names of the secrets that are not there. */
  readonly withheld: Set<string>;
  /** What was said since the reset. */
  readonly log: string[];
}

/** A running user manager. */
export interface Manager {
  /** Units in memory. One that is inactive and that nothing refers to is forgotten. */
  readonly units: Map<string, Unit>;
  /** What default.target wanted when it was read last. */
  wanted: ReadonlySet<string>;
  /** Where unit files stood when the manager looked for them last. */
  readonly places: Places;
}

/** The manager's map of unit files, which it makes anew only where a directory that it watches has changed. */
export interface Places {
  stamp: number;
  readonly of: Map<string, { readonly fragment: number; readonly dropInDirectory: readonly boolean[] }>;
}

/** A unit as the manager has it in memory. */
export interface Unit {
  readonly name: string;
  load: 'loaded' | 'not-found' | 'masked' | 'bad-setting' | 'error';
  fragment: string;
  fragmentMtime: number;
  dropIns: readonly string[];
  dropInMtime: number;
  /** What its ExecStart= lines run, one after the other; nothing where nothing was read. */
  runs: readonly StackDeclaration[];
  revision: number | null;
  marker: string | null;
  active: 'active' | 'inactive' | 'failed';
  result: 'success' | 'exit-code';
  /** ActiveEnterTimestamp; 0 where it never was active. */
  activeSince: number;
  /** UnitFileState as it was first asked for after the last reload; null where it was not (facts-debian13 F83). */
  fileState: string | null;
  /** Stamp of the map by which it was looked for in vain. */
  missedAt: number;
  /** Rank of the fragment in the search path, -1 where there is none. */
  rank: number;
  /** What was shown of it last. */
  seen: UnitSeen | null;
}

/** A container of a compose project. */
export interface Container {
  readonly id: number;
  readonly stack: string;
  readonly service: string;
  /** `stack/service`. */
  readonly key: string;
  state: 'running' | 'exited';
  startedAt: number;
  /** Build of the image. */
  readonly image: string;
  readonly tag: string;
  readonly greeting: string;
  readonly marker: string;
  readonly autoUpdate: boolean;
  readonly healthcheck: boolean;
  /** What the provider compares to tell whether the configuration changed. */
  readonly hash: string;
  /** Ids of the containers that podman knows it to require. */
  readonly requires: readonly number[];
  /** What was shown of it last, and its start then. */
  seen: ContainerSeen | null;
  seenStart: number | null;
}

/** A machine on which nothing was installed yet; its registry has all builds, and `stable` is the oldest. */
export function bareMachine(setup: Setup, provider: Provider, store: Store = newStore()): Machine {
  const registry = new Map(setup.versions.map(version => [version, version]));
  registry.set('stable', setup.versions[0] as string);
  return {
    setup,
    provider,
    store,
    disk: newDisk(),
    clock: 1,
    profile: { generations: [], pointer: -1 },
    home: null,
    oneshot: { generation: null, active: false },
    manager: newManager(),
    containers: [],
    registry,
    images: new Map(),
    withheld: new Set(),
    log: [],
  };
}

/** A user manager that has read nothing yet. */
export const newManager = (): Manager => ({
  units: new Map(),
  wanted: new Set(),
  places: { stamp: -1, of: new Map() },
});

/** What a program said of itself. */
export interface Said {
  readonly status: number;
  readonly message: string;
}

/** A program that ended well and had nothing to say. */
export const fine: Said = { status: 0, message: '' };

/** What programs said, one after the other. */
export const joined = (...messages: readonly string[]): string => messages.filter(message => message !== '').join('\n');

/** An id as podman prints it. */
export const hexId = (id: number): string => id.toString(16).padStart(12, '0');
