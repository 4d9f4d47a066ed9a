import type { Fault, Handling, Levers, RebuildMode, Updating, Verb } from './host.ts';
import { isOfQuadlets } from './machine/quadlets.ts';
import { isFirstTarget } from './machine/search-path.ts';

/** The purpose of an operation. Promises and reports ask for it, and never for an operation's name. */
export type Role =
  /** Makes a declaration true. */
  | 'rebuild'
  /** Makes the previous declaration true. */
  | 'rollback'
  /** Brings in newer images. */
  | 'update'
  /** Says what an update would do, and changes nothing. */
  | 'update-check'
  /** Starts a stack's unit, or everything that default.target wants. */
  | 'start'
  | 'stop'
  /** Makes the user manager read something again, or forget something; it starts and stops nothing. */
  | 'reload'
  /** Changes units or containers without their owner's knowledge. */
  | 'drift'
  /** Breaks something, or takes it away. */
  | 'fault'
  /** Starts the machine again, in whatever way it went down. */
  | 'boot'
  /** Undoes a fault. */
  | 'repair'
  /** Changes what the registry holds. */
  | 'publish';

/** The role that each lever gives in each mode. A lever or a mode that is missing here does not compile. */
export const roles = {
  rebuild: 'rebuild',
  'rebuild interrupted': 'rebuild',
  'rebuild twice': 'rebuild',
  'rebuild beside-update': 'rebuild',
  'rebuild as-manager-starts': 'rebuild',
  rollback: 'rollback',
  'rollback interrupted': 'rollback',
  'systemctl start': 'start',
  'systemctl stop': 'stop',
  'systemctl restart': 'start',
  'systemctl try-restart': 'start',
  'systemctl reload': 'reload',
  'systemctl enable': 'drift',
  'systemctl add-wants': 'drift',
  'systemctl disable': 'drift',
  'systemctl mask': 'drift',
  'systemctl mask --runtime': 'drift',
  'systemctl mask --force': 'drift',
  'systemctl unmask': 'drift',
  'systemctl edit': 'drift',
  'systemctl set-property': 'drift',
  'systemctl revert': 'drift',
  'systemctl reset-failed': 'reload',
  'systemctl kill': 'fault',
  'systemctl daemon-reload': 'reload',
  'systemctl daemon-reexec': 'reload',
  'manager stop': 'stop',
  'manager start': 'start',
  place: 'drift',
  'place default.target': 'drift',
  'place quadlet': 'drift',
  'container stop': 'drift',
  'container remove': 'drift',
  'container kill': 'fault',
  'container kill-conmon': 'fault',
  'container kill-both': 'fault',
  'container rename': 'drift',
  'container relabel': 'drift',
  'addContainer foreign': 'drift',
  'addContainer on-network': 'drift',
  'podman connect': 'drift',
  'podman disconnect': 'drift',
  'podman write': 'drift',
  'podman remove-volume': 'drift',
  'podman remove-network': 'drift',
  'podman prune': 'drift',
  'podman tag': 'drift',
  'podman build': 'drift',
  orphanTimer: 'drift',
  'health unhealthy': 'fault',
  'health healthy': 'repair',
  publish: 'publish',
  'publish nothing': 'publish',
  'registry stop': 'fault',
  'registry start': 'repair',
  'autoUpdate command': 'update',
  'autoUpdate service': 'update',
  'autoUpdate own-unit': 'update',
  'autoUpdate interrupted': 'update',
  'autoUpdate full-disk': 'update',
  'autoUpdate dry-run': 'update-check',
  'secret missing': 'fault',
  'secret malformed': 'fault',
  'secret present': 'repair',
  'secret rotated': 'drift',
  shell: 'fault',
  'machine reboot': 'boot',
  'machine power-cut': 'boot',
  'machine terminate-user': 'fault',
  'machine linger-off': 'fault',
  'machine linger-on': 'repair',
  'machine fail-unrelated-unit': 'fault',
  'machine fill-store': 'fault',
  'machine free-store': 'repair',
  'machine etc-read-only': 'fault',
  'machine etc-writable': 'repair',
  'machine elapse-timers': 'fault',
} as const satisfies Readonly<Record<string, Role>>;

/** A lever, and its mode where a machine may support one mode and not another. */
export type Need = keyof typeof roles;

/** What of a service not every way of running it knows: an operation that edits it says so. */
export const declarables = ['restart', 'unitLabel'] as const;
export type Declarable = (typeof declarables)[number];

/** What a profile says has no meaning under it: a lever, or something that could be declared; and why. */
export type Lacks = Readonly<Partial<Record<Need | `declare ${Declarable}`, string>>>;

/** The role of an operation that needs these: that of the first. */
export const roleOf = (needs: readonly [Need, ...Need[]]): Role => roles[needs[0]];

/** What a machine must have for a lever in this mode. */
export const needOf: { readonly [L in keyof Levers]: (...args: Parameters<Levers[L]>) => Need } = {
  rebuild: (_declaration, mode: RebuildMode = 'plain') => rebuildNeed(mode),
  rollback: interruptedFor => (interruptedFor === undefined ? 'rollback' : 'rollback interrupted'),
  systemctl: (verb: Verb) => `systemctl ${verb}`,
  manager: action => `manager ${action}`,
  place: (path, { kind }) =>
    isOfQuadlets(path) ? 'place quadlet' : isFirstTarget(path) && kind !== 'nothing' ? 'place default.target' : 'place',
  container: (action: Handling) => `container ${action}`,
  addContainer: kind => `addContainer ${kind}`,
  podman: ({ deed }) => `podman ${deed}`,
  orphanTimer: () => 'orphanTimer',
  health: (_stack, _service, state) => `health ${state}`,
  publish: (_tag, version) => (version === null ? 'publish nothing' : 'publish'),
  registry: action => `registry ${action}`,
  autoUpdate: (how: Updating = 'command') => `autoUpdate ${how}`,
  secret: (_name, state) => `secret ${state}`,
  shell: () => 'shell',
  machine: (fault: Fault) => `machine ${fault}`,
};

/** What the simulator has no lever for, and why. An operation that needs one of these runs on real machines only. */
export const notSimulated: Partial<Record<Need, string>> = {
  'rebuild interrupted': 'how far a rebuild has come when it is killed is a matter of milliseconds',
  'rollback interrupted': 'how far a rollback has come when it is killed is a matter of milliseconds',
  'autoUpdate interrupted': 'how far an update has come when it is killed is a matter of milliseconds',
  'rebuild twice': 'which of the two comes first is a race',
  'rebuild beside-update': 'which of the two comes first is a race',
  'rebuild as-manager-starts': 'whether the manager is up when the rebuild asks for it is a race',
  'place quadlet': 'no profile with quadlet files is imitated',
  shell: 'it runs a shell line, which the simulator cannot',
};

/** Why the simulator cannot do an operation that needs these, in one sentence; undefined where it can. */
export function whyNotSimulated(needs: readonly Need[]): string | undefined {
  const missing = needs.find(need => notSimulated[need] !== undefined);
  return missing && notSimulated[missing];
}

/** Every machine can do a plain rebuild. */
export const rebuildNeed = (mode: RebuildMode): Need => (mode === 'plain' ? 'rebuild' : `rebuild ${mode}`);

/** Whether a step was to make a declaration true, the current or the previous one: such steps break the same promises. */
export const isRebuild = (role: Role): boolean => role === 'rebuild' || role === 'rollback';
