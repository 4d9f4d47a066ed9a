import type { Failed } from '../../../models/machine/cause.ts';
import type { ProjectNetwork, ProjectVolume } from '../../../models/machine/compose-project.ts';
import { type ContainerFields, withFields } from '../../../models/machine/container-fields.ts';
import { broken, type Healthcheck, type StackDeclaration } from '../../../models/machine/declaration.ts';
import type { Provider } from '../../../models/machine/traits.ts';
import type { Beside, ContainerSeen, UnitSeen } from '../../../models/observation.ts';
import { spareSecrets } from '../../../models/transitions/secrets.ts';
import type { ModelConfig } from '../../../models/world.ts';
import type { Imitation } from './profiles/imitation.ts';
import type { Generation, Store } from './store.ts';
import { type Disk, newDisk } from './systemd/disk.ts';
import type { Directories } from './systemd/drop-ins.ts';

/** The operator's home on the machine that is imitated: programs name full paths. */
export const operatorHome = '/home/homelab';

/** A path of the search path as programs name it. */
export const absolute = (path: string): string => path.replace(/^~/, operatorHome).replace(/^%t/, '/run/user/1500');

/**
 * A machine in memory: what the programs of the other files read and change. What is read-only here is replaced and never
 * changed in place, so that a fork shares it (fork.ts).
 */
export interface SimulatedMachine {
  readonly setup: ModelConfig;
  /** What the profile's own programs do. */
  readonly imitation: Imitation;
  readonly provider: Provider;
  readonly store: Store;
  readonly disk: Disk;
  /** Counts whatever gets a time or an id. */
  clock: number;
  /** The Nix profile: generations by number, and which of them it points at. */
  readonly profile: { generations: readonly Generation[]; pointer: number };
  /** Home Manager's `current-home`. */
  home: Generation | null;
  /** The system unit `home-manager-homelab.service`: which generation its text names, and whether it is active. */
  readonly oneshot: { generation: Generation | null; active: boolean };
  /** The user manager, or null while it is down. */
  manager: Manager | null;
  containers: Container[];
  /** What each tag means in the registry, and in the machine's own storage. */
  registry: ReadonlyMap<string, string>;
  images: ReadonlyMap<string, string>;
  registryUp: boolean;
  /** Whether the operator lingers. */
  linger: boolean;
  /** What is otherwise around the stacks than after the reset; null where nothing is. Never changed in place. */
  around: Beside | null;
  /** Whether nothing can be added to the Nix store any more. */
  isStoreFull: boolean;
  isEtcReadOnly: boolean;
  readonly secrets: Secrets;
  /** Health timers that somebody left behind without a container; they go with the manager. */
  strayTimers: readonly string[];
  /** The networks that compose made, by stack, with the ids of the containers that a hand hung on each. */
  networks: ReadonlyMap<string, ReadonlySet<number>>;
  /** The networks and named volumes that compose made of own compose files, by `network NAME` or `volume NAME`, as made. */
  resources: ReadonlyMap<string, Resource>;
  /** Why a stack's last start failed, by unit, where the profile's wrapper notes it down. */
  readonly reasons: Map<string, string>;
  /** What was said since the reset. */
  readonly log: string[];
  /** How often each unit began to start since the last look. */
  readonly starts: Map<string, number>;
  /** Units that failed since the last lever, and what they said. */
  failed: readonly Failed[];
}

/** A network or a volume, as it was declared when it was made. */
export interface Resource {
  readonly stack: string;
  /** Null of one that was removed. */
  readonly made: ProjectNetwork | ProjectVolume | null;
  /** How many there were of this name, with this one. */
  readonly nth: number;
}

/** The operator's env files, by name. */
export interface Secrets {
  missing: ReadonlySet<string>;
  /** Those that no program can read as an env file. */
  malformed: ReadonlySet<string>;
  /** Those that have their second text. */
  rotated: ReadonlySet<string>;
  /** Those of which a good copy is kept aside. */
  aside: ReadonlySet<string>;
}

/** A running user manager. */
export interface Manager {
  /** Units in memory. One that is inactive and that nothing refers to is forgotten. */
  units: Map<string, Unit>;
  /** What default.target wanted when it was read last. */
  wanted: ReadonlySet<string>;
  /** Where unit files stood when the manager looked for them last. */
  readonly places: Places;
  /** Whether a unit failed that is no stack. */
  hasFailedStranger: boolean;
  /** How far the disk had changed when the manager read all unit files last. */
  readAt: number;
}

/** The manager's map of unit files, which it makes anew only where a directory that it watches has changed. */
export interface Places {
  stamp: number;
  /** Rank of the fragment, by unit. */
  of: ReadonlyMap<string, number>;
  directories: Directories;
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
  result: 'success' | 'exit-code' | 'timeout';
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

/** A container, of a compose project or of nobody's. */
export interface Container extends Omit<ContainerFields, 'name' | 'settings' | 'effect'> {
  readonly id: number;
  /** Its project; empty where it has none. */
  readonly stack: string;
  readonly service: string;
  /** `stack/service`, or `-/name` where it is nobody's. */
  readonly key: string;
  /** `stack/service` where its provider named it. */
  name: string;
  /** What podman shows of it for an own compose file; a hand may change it. */
  settings: string;
  effect: string;
  /**
   * `dead` where its process is gone and podman does not know, `unwatched` where its conmon is gone (facts-debian13 F84,
   * F86).
   */
  state: 'created' | 'running' | 'exited' | 'dead' | 'unwatched';
  startedAt: number;
  /** The tag or digest that podman shows; `tag` is the one that is declared. */
  readonly imageName: string;
  readonly healthcheck: Healthcheck;
  /** What podman says of its health; it outlives a stop (facts.md F57). */
  health: '' | 'starting' | 'healthy' | 'unhealthy';
  /** The exit status of one that runs once and ends; null of one that goes on running. */
  readonly ends: number | null;
  /** Whether something stands in for its image's program, whatever the image is. */
  readonly isStandIn: boolean;
  /** Whether somebody put the file there by which its probe fails. */
  sick: boolean;
  /** Whether a hand ran it with podman: no provider made it. */
  readonly handMade: boolean;
  /** Its label stack.definition: which definition of its unit made it; empty where it has none. */
  readonly definition: string;
  /** Its label stack.secrets: which texts of secrets it was given; empty where it has none. */
  readonly given: string;
  /** What the provider compares to tell whether the configuration changed. */
  readonly hash: string;
  /** Ids of the containers that podman knows it to require. */
  readonly requires: readonly number[];
  /** What was shown of it last, and its start then. */
  seen: ContainerSeen | null;
  seenStart: number | null;
}

/** A container like it, laid out as every other is. */
export function copied(container: Container): Container {
  const own: Omit<Container, keyof ContainerFields> = {
    id: container.id,
    stack: container.stack,
    service: container.service,
    key: container.key,
    state: container.state,
    startedAt: container.startedAt,
    imageName: container.imageName,
    healthcheck: container.healthcheck,
    health: container.health,
    ends: container.ends,
    isStandIn: container.isStandIn,
    sick: container.sick,
    handMade: container.handMade,
    definition: container.definition,
    given: container.given,
    hash: container.hash,
    requires: container.requires,
    seen: container.seen,
    seenStart: container.seenStart,
  };
  return withFields(own, container);
}

/** A machine on which nothing was installed yet; its registry has all builds, and `stable` is the oldest. */
export function bareMachine(
  setup: ModelConfig,
  provider: Provider,
  imitation: Imitation,
  store: Store,
): SimulatedMachine {
  const registry = new Map(setup.versions.map(version => [version, version]));
  for (const version of setup.versions) registry.set(`@${version}`, version);
  registry.set('stable', setup.versions[0] as string);
  registry.set(broken, broken);
  return {
    setup,
    imitation,
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
    registryUp: true,
    linger: true,
    around: null,
    isStoreFull: false,
    isEtcReadOnly: false,
    secrets: {
      missing: new Set(spareSecrets(setup.declaration)),
      malformed: new Set(),
      rotated: new Set(),
      aside: new Set(),
    },
    strayTimers: [],
    networks: new Map(),
    resources: new Map(),
    reasons: new Map(),
    log: [],
    starts: new Map(),
    failed: [],
  };
}

/** A user manager that has read nothing yet. */
export const newManager = (): Manager => ({
  units: new Map(),
  wanted: new Set(),
  places: { stamp: -1, of: new Map(), directories: new Map() },
  hasFailedStranger: false,
  readAt: 0,
});

/** What a program said of itself. */
export interface Said {
  readonly status: number;
  readonly message: string;
  /** It never came to an end: whoever waited for it gave up. */
  readonly hangs?: true;
}

/** A program that ended well and had nothing to say. */
export const fine: Said = { status: 0, message: '' };

/** What programs said, one after the other. */
export const joined = (...messages: readonly string[]): string => messages.filter(message => message !== '').join('\n');

/** An id as podman prints it. */
export const hexId = (id: number): string => id.toString(16).padStart(12, '0');
