import type { Declaration } from './machine/declaration.ts';
import type { Observation } from './observation.ts';

/** What an operation reported: it is checked against this. */
export interface Claim {
  readonly ok: boolean;
  /** Exit status. */
  readonly status: number;
  /** Standard output and error, cut to a maximum length, without the lines for programs. */
  readonly message: string;
  /** What those lines say; absent where there are none. */
  readonly outcomes?: readonly Outcome[];
  /** How many commands it is the claim of, where they were given at the same time. */
  readonly commands?: number;
  /** Only for a rebuild that runs beside an update: set where the rebuild claims success and the update does not. */
  readonly failed?: 'update';
  /** The innermost failure; only where the claim is a failure, and a unit failed meanwhile. */
  readonly cause?: Cause;
  /** New journal lines of the stacks' units; only where the claim is a failure. Cut to a maximum length. */
  readonly log?: string;
  /** What an auto-update says of each container (`podman auto-update --format json`); absent where it gave no list. */
  readonly updates?: readonly UpdateReport[];
}

/**
 * What a command of a profile reports to programs, in a line of its own (docs/profiles.md): that it refused and changed nothing
 * except the generation that the profile points at; that a unit runs again with its previous definition; or that the definition
 * of a unit on disk is not the one that its manager has loaded.
 */
export type Outcome = { readonly kind: 'refused' } | { readonly kind: 'rolled-back' | 'stale'; readonly unit: string };

/** The innermost unit that failed, and the reason that it gave. */
export interface Cause {
  readonly unit: string;
  /** The line that names the reason, as printed by the program in the unit; systemd's word where systemd ended it: `timeout`. */
  readonly says: string;
}

/** One row of `podman auto-update`. */
export interface UpdateReport {
  readonly unit: string;
  readonly container: string;
  /** `true`, `false`, `pending`, `failed` or `rolled back` (facts.md F42). */
  readonly updated: string;
}

/** What can be made of an env file; `rotated` gives one that is there the other of its two texts. */
export type SecretState = 'missing' | 'present' | 'malformed' | 'rotated';

/** What can be placed by hand at a path of the search path. */
export type Placed =
  /** A regular file: the unit as it is declared now, with another marker. */
  | { readonly kind: 'edited'; readonly marker: string }
  /** A link to such a file outside the search path. */
  | { readonly kind: 'foreign'; readonly marker: string }
  /** A drop-in that sets the marker. */
  | { readonly kind: 'drop-in'; readonly marker: string }
  /** A regular file with exactly the declared content. */
  | { readonly kind: 'identical' }
  /** A link to the file of an older generation. */
  | { readonly kind: 'stale' }
  /** A link to /dev/null. */
  | { readonly kind: 'mask' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'dangling' }
  | { readonly kind: 'directory' }
  /** Nothing: what was there is removed. */
  | { readonly kind: 'nothing' };

/**
 * Verbs of `systemctl --user` that an operator types. `edit` writes a drop-in that sets the marker `edited`,
 * `add-wants` has basic.target want it, `set-property` sets CPUWeight=50, `kill` sends SIGTERM to every process of the unit.
 */
export type Verb =
  | 'start'
  | 'stop'
  | 'restart'
  | 'try-restart'
  | 'reload'
  | 'enable'
  | 'add-wants'
  | 'disable'
  | 'mask'
  | 'mask --runtime'
  | 'mask --force'
  | 'unmask'
  | 'edit'
  | 'set-property'
  | 'revert'
  | 'reset-failed'
  | 'kill'
  | 'daemon-reload'
  | 'daemon-reexec';

/** What is done by hand to the containers of a service. The kills send SIGKILL to the payload, to its conmon, or to both. */
export type Handling = 'stop' | 'remove' | 'kill' | 'kill-conmon' | 'kill-both' | 'rename' | 'relabel';

/**
 * What is done with podman by hand beside a stack: a container is attached to a network or detached from it, a file is written in a
 * container, a volume is removed, a network with all containers on it, or everything that is not used (`podman system prune`). Networks and volumes go by podman's names.
 * A tag of the probe image is given to a build that is on the machine, or to one that is built there of the one that has it.
 */
export type PodmanDeed =
  | {
      readonly deed: 'connect' | 'disconnect';
      readonly stack: string;
      readonly service: string;
      readonly network: string;
    }
  | { readonly deed: 'write'; readonly stack: string; readonly service: string; readonly path: string }
  | { readonly deed: 'remove-volume'; readonly volume: string }
  | { readonly deed: 'remove-network'; readonly network: string }
  | { readonly deed: 'prune' }
  | { readonly deed: 'tag'; readonly version: string; readonly tag: string }
  | { readonly deed: 'build'; readonly tag: string };

/** The text that is written by hand. */
export const writtenByHand = 'changed by hand\n';

/**
 * How a rebuild is done: plainly, killed between its links and its switch (F25), by two at the same time, beside an auto-update,
 * or while the user manager starts.
 */
export type RebuildMode = 'plain' | 'interrupted' | 'twice' | 'beside-update' | 'as-manager-starts';

/**
 * How an update is done: the profile's command, the stock podman-auto-update.service, a dry run, the update unit that
 * the profile brings along, or the profile's command: killed when the first container that runs has ended, or with no room where
 * podman writes what it pulls.
 */
export type Updating = 'command' | 'service' | 'dry-run' | 'own-unit' | 'interrupted' | 'full-disk';

/** Faults of a whole machine. */
export type Fault =
  | 'reboot'
  | 'power-cut'
  | 'terminate-user'
  | 'linger-off'
  | 'linger-on'
  | 'fail-unrelated-unit'
  | 'fill-store'
  | 'free-store'
  | 'etc-read-only'
  | 'etc-writable'
  | 'elapse-timers';

/** Whether a machine came to rest in the given time, and what was still pending where it did not. */
export interface Rest {
  readonly rested: boolean;
  readonly waiting: readonly string[];
}

/** What can be done to a machine: one elementary action each. Throws Unable where the machine does not have the lever. */
export interface Levers {
  /** Make this declaration the wanted one and run the profile's rebuild command; plain unless another mode is given. */
  rebuild(declaration: Declaration, mode?: RebuildMode): Promise<Claim>;
  /**
   * Run the profile's rollback command: the generation before the current one. Where that one is given it is killed when the links
   * of its stacks stand, and before the manager has reloaded (facts.md F25).
   */
  rollback(interruptedFor?: Declaration): Promise<Claim>;
  /** `systemctl --user VERB [UNIT]`. */
  systemctl(verb: Verb, unit?: string): Promise<Claim>;
  /** Stop or start the user manager, `user@UID.service`. */
  manager(action: 'stop' | 'start'): Promise<Claim>;
  /** Place something at a path of the search path; it replaces what is there. */
  place(path: string, what: Placed): Promise<Claim>;
  /** Do something by hand to the containers of a service. */
  container(action: Handling, stack: string, service: string): Promise<Claim>;
  /**
   * Run a container that no compose file declares: `foreign` has the labels of the stack's project, `holder` has none and is
   * attached to the stack's network.
   */
  addContainer(kind: 'foreign' | 'on-network', stack: string): Promise<Claim>;
  /** Run podman by hand beside the stacks. */
  podman(what: PodmanDeed): Promise<Claim>;
  /** Create a health timer that has no container (facts.md F58). */
  orphanTimer(): Promise<Claim>;
  /** Make the probe of a service's containers fail or pass again, and have it run until podman says so. */
  health(stack: string, service: string, state: 'unhealthy' | 'healthy'): Promise<Claim>;
  /** Point a tag in the registry to another build of the image, or delete it. */
  publish(tag: string, version: string | null): Promise<Claim>;
  /** Stop or start the registry. */
  registry(action: 'stop' | 'start'): Promise<Claim>;
  /** Update the images; with the profile's command unless another mode is given. */
  autoUpdate(how?: Updating): Promise<Claim>;
  /** Remove `~/secrets/<name>.env`, restore it, or make it unreadable as an env file. */
  secret(name: string, state: SecretState): Promise<Claim>;
  /** Run a line of bash from an operation of the user's own, as the operator or as root. The simulator cannot. */
  shell(line: string, as: 'operator' | 'root'): Promise<Claim>;
  /** Cause a fault of the whole machine. Returns when the fault is there. */
  machine(fault: Fault): Promise<Claim>;
}

/** A machine under test. */
export interface Host extends Levers {
  /** For reports: `lab`, `simulator`, or the name of a machine. */
  readonly name: string;
  /** A machine on which the profile's first declaration was rebuilt with success and everything runs. */
  reset(): Promise<void>;
  /** Wait until no job, state change or health check is pending, up to a maximum time. */
  settle(): Promise<Rest>;
  observe(): Promise<Observation>;
  /**
   * Why nothing that the machine shows can be trusted, in words: a full disk, a process that the kernel killed when memory ran
   * out, a service of the machine that failed. Null where it is well. Absent where it cannot be ill.
   */
  ailment?(): Promise<string | null>;
  /** Journal, commands and outputs since the reset, as text, secrets redacted. */
  evidence(): Promise<string>;
  /** Versions of what is under test, by name: systemd, podman … */
  fingerprint(): Promise<Readonly<Record<string, string>>>;
  close(): Promise<void>;
}

/**
 * Thrown by a lever that this machine does not have. The verdict is then inconclusive; a lever never does nothing without
 * saying so.
 */
export class Unable extends Error {
  override readonly name: string = 'Unable';
}

/**
 * Thrown where the machine or the connection to it has failed: timed out, died, gave an answer that cannot be read. The verdict
 * is inconclusive.
 */
export class Sick extends Error {
  override readonly name: string = 'Sick';
}

/** Thrown where the machine cannot be used any more: whatever is tried next would end the same. It says what to type. */
export class Lost extends Sick {
  override readonly name: string = 'Lost';
}

/**
 * Thrown by a reset where the first rebuild, with which every run starts, failed or did not do what it claimed. The claim is
 * that rebuild's; `seen` is absent where the machine could not be looked at.
 */
export class Unstarted extends Sick {
  readonly claim: Claim;
  readonly seen: Observation | undefined;
  /** What a reader needs to see of a machine that no longer exists. */
  readonly evidence: string | undefined;

  constructor(message: string, claim: Claim, shown: { readonly seen?: Observation; readonly evidence?: string } = {}) {
    super(message);
    this.claim = claim;
    this.seen = shown.seen;
    this.evidence = shown.evidence;
  }
}
