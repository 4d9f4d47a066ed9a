import type { Claim, Updating } from '../../../models/host.ts';
import type { Failed } from '../../../models/machine/cause.ts';
import type { ProjectNetwork, ProjectVolume } from '../../../models/machine/compose-project.ts';
import { type ContainerFields, withFields } from '../../../models/machine/container-fields.ts';
import { broken, type Healthcheck, type StackDeclaration } from '../../../models/machine/declaration.ts';
import type { Provider } from '../../../models/machine/traits.ts';
import type { Beside, ContainerSeen, UnitSeen } from '../../../models/observation.ts';
import { spareSecrets } from '../../../models/transitions/secrets.ts';
import type { ModelConfig } from '../../../models/world.ts';
import type { Generation, Store } from './store.ts';
import { type Disk, newDisk } from './systemd/disk.ts';
import type { Directories } from './systemd/drop-ins.ts';

/** The operator's home on the machine that is imitated: programs print full paths. */
export const operatorHome = '/home/homelab';

/** A path of the search path, as programs print it. */
export const absolute = (path: string): string => path.replace(/^~/, operatorHome).replace(/^%t/, '/run/user/1500');

/** What a profile's own programs do to a machine: everything except systemd, podman and the providers. */
export interface Imitation {
  /** Switches to the generation that the Nix profile points at; `before` is what was printed until then. */
  switchTo(machine: SimulatedMachine, generation: Generation, before: string): Said;
  /** What only the first rebuild does: a machine is installed from another system, and boots its first generation. */
  installed(machine: SimulatedMachine): void;
  /** What the boot after the first rebuild changes; nothing if absent. */
  bootedSince?(machine: SimulatedMachine): void;
  /** What the owner does at boot, before any user manager runs. */
  booted(machine: SimulatedMachine): void;
  /** What runs when a stack's unit starts, and after a start that failed. */
  up(machine: SimulatedMachine, unit: Unit): Said;
  /** What runs when a stack's unit stops. */
  stop(machine: SimulatedMachine, unit: Unit): Said;
  /** An update of the images, while the user manager runs. */
  update(machine: SimulatedMachine, how: Updating): Claim;
}

/**
 * A machine in memory: what the programs of the other files read and change. What is read-only here is replaced, never changed
 * in place, so that forks can share it (fork.ts).
 */
export interface SimulatedMachine {
  readonly setup: ModelConfig;
  /** What the programs of the profile do. */
  readonly imitation: Imitation;
  readonly provider: Provider;
  readonly store: Store;
  readonly disk: Disk;
  /** Grows by one with everything that gets a time or an id. */
  clock: number;
  /** The Nix profile: its generations by number, and the current one's number. */
  readonly profile: { generations: readonly Generation[]; pointer: number };
  /** Home Manager's `current-home`. */
  home: Generation | null;
  /** The system unit `home-manager-homelab.service`: which generation its text names, and whether it is active. */
  readonly oneshot: { generation: Generation | null; active: boolean };
  /** The user manager, or null if it is down. */
  manager: Manager | null;
  containers: Container[];
  /** The build that each tag stands for, in the registry and in the machine's own storage. */
  registry: ReadonlyMap<string, string>;
  images: ReadonlyMap<string, string>;
  registryUp: boolean;
  /** Whether linger is on for the operator. */
  linger: boolean;
  /** What around the stacks differs from the state after the reset; null if nothing does. Never changed in place. */
  around: Beside | null;
  /** Whether the Nix store is full, so that nothing can be added. */
  isStoreFull: boolean;
  isEtcReadOnly: boolean;
  readonly secrets: Secrets;
  /** Health timers whose container is gone; they end with the manager. */
  strayTimers: readonly string[];
  /** The networks that compose created, by stack, each with the ids of the containers that were attached to it by hand. */
  networks: ReadonlyMap<string, ReadonlySet<number>>;
  /** The networks and named volumes that compose created for own compose files, by `network NAME` or `volume NAME`. */
  resources: ReadonlyMap<string, Resource>;
  /** Why the last start of a stack failed, by unit, if the profile's wrapper records it. */
  readonly reasons: Map<string, string>;
  /** What programs printed since the reset. */
  readonly log: string[];
  /** How often each unit began to start since the last look. */
  readonly starts: Map<string, number>;
  /** Units that failed since the last lever, and what they said. */
  failed: readonly Failed[];
}

/** A network or a volume, as it was declared when it was created. */
export interface Resource {
  readonly stack: string;
  /** Null if it was removed. */
  readonly made: ProjectNetwork | ProjectVolume | null;
  /** How many resources of this name were created so far, with this one. */
  readonly nth: number;
}

/** The operator's env files, by name. */
export interface Secrets {
  missing: ReadonlySet<string>;
  /** Those that no program can read as an env file. */
  malformed: ReadonlySet<string>;
  /** Those that have been rotated: they have their second text. */
  rotated: ReadonlySet<string>;
  /** Those of which a good copy is kept elsewhere. */
  aside: ReadonlySet<string>;
}

/** A running user manager. */
export interface Manager {
  /** Units in memory. An inactive unit that nothing refers to is unloaded. */
  units: Map<string, Unit>;
  /** What default.target wanted when it was last read. */
  wanted: ReadonlySet<string>;
  /** Where unit files were when the manager last looked for them. */
  readonly places: Places;
  /** Whether a unit that belongs to no stack has failed. */
  hasFailedStranger: boolean;
  /** The version of the disk when the manager last read all unit files. */
  readAt: number;
}

/** The manager's map of unit files. It is made anew only if a directory that systemd watches has changed. */
export interface Places {
  stamp: number;
  /** The rank of the fragment (its directory's place in the search path), by unit. */
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
  /** What its ExecStart= lines run, in order; empty if nothing was read. */
  runs: readonly StackDeclaration[];
  revision: number | null;
  marker: string | null;
  active: 'active' | 'inactive' | 'failed';
  result: 'success' | 'exit-code' | 'timeout' | 'start-limit-hit';
  /** ActiveEnterTimestamp; 0 if it was never active. */
  activeSince: number;
  /** UnitFileState as first read after the last reload; null if nobody has asked for it (facts-debian13 F83). */
  fileState: string | null;
  /** The stamp of the map in which the unit was last looked for and not found. */
  missedAt: number;
  /** How often it was started in a row; the manager counts only where the profile has a limit (Traits.startLimit). */
  begun: number;
  /** The rank of the fragment in the search path; -1 if there is none. */
  rank: number;
  /** What the last look showed of it. */
  seen: UnitSeen | null;
}

/** A container, of a compose project or of none. */
export interface Container extends Omit<ContainerFields, 'name' | 'settings' | 'effect'> {
  readonly id: number;
  /** Its compose project; empty if it has none. */
  readonly stack: string;
  readonly service: string;
  /** `stack/service`, or `-/name` if it belongs to no project. */
  readonly key: string;
  /** `stack/service` as long as it has the name that its provider gave it. */
  name: string;
  /** What podman shows of it for an own compose file; it can be changed by hand. */
  settings: string;
  effect: string;
  /** `dead`: its process is gone, and podman does not know it. `unwatched`: its conmon is gone (facts-debian13 F84, F86). */
  state: 'created' | 'running' | 'exited' | 'dead' | 'unwatched';
  startedAt: number;
  /** The tag or digest that podman shows; `tag` is the declared one. */
  readonly imageName: string;
  readonly healthcheck: Healthcheck;
  /** What podman says of its health; kept after a stop (facts.md F57). */
  health: '' | 'starting' | 'healthy' | 'unhealthy';
  /** The exit status of a job; null for a service that goes on running. */
  readonly ends: number | null;
  /** Whether a stand-in runs instead of the program of its image. */
  readonly isStandIn: boolean;
  /** Whether the file exists that makes its probe fail. */
  sick: boolean;
  /** Whether it was run by hand with podman, and not by a provider. */
  readonly handMade: boolean;
  /** Its label stack.definition: the definition of the unit that created it; empty if it has none. */
  readonly definition: string;
  /** Its label stack.secrets: the texts of the secrets that it was given; empty if it has none. */
  readonly given: string;
  /** What the provider compares to see whether the configuration has changed. */
  readonly hash: string;
  /** Ids of the containers that this one requires, as podman knows it. */
  readonly requires: readonly number[];
  /** What the last look showed of it, and its start at that time. */
  seen: ContainerSeen | null;
  seenStart: number | null;
}

/** A copy of a container, with its fields in the order that every container has (for V8). */
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

/** A machine before its first rebuild; its registry has all builds, and `stable` is the oldest. */
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

/** A user manager that has not read anything yet. */
export const newManager = (): Manager => ({
  units: new Map(),
  wanted: new Set(),
  places: { stamp: -1, of: new Map(), directories: new Map() },
  hasFailedStranger: false,
  readAt: 0,
});

/** The exit status and message of a program. */
export interface Said {
  readonly status: number;
  readonly message: string;
  /** The program did not end: whoever waited for it gave up. */
  readonly hangs?: true;
}

/** A program that ended with 0 and printed nothing. */
export const fine: Said = { status: 0, message: '' };

/** The messages of several programs, in order. */
export const joined = (...messages: readonly string[]): string => messages.filter(message => message !== '').join('\n');

/** An id as podman prints it. */
export const hexId = (id: number): string => id.toString(16).padStart(12, '0');
