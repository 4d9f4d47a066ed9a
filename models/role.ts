import type { Fault, Handling, Levers, RebuildMode, Updating, Verb } from './host.ts';

/** What an operation is there for. Promises and reports ask for it, and never for an operation's name. */
export type Role =
  /** Makes a declaration true. */
  | 'rebuild'
  /** Makes the one before true. */
  | 'rollback'
  /** Brings in newer images. */
  | 'update'
  /** Says what an update would do, and does nothing. */
  | 'update-check'
  /** Starts a stack's unit, or all that default.target wants. */
  | 'start'
  | 'stop'
  /** Has the user manager read something again, or forget something; nothing starts or stops by it. */
  | 'reload'
  /** Changes units or containers behind their owner's back. */
  | 'drift'
  /** Breaks something, or takes it away. */
  | 'fault'
  /** Gives back what a fault took. */
  | 'repair'
  /** Changes what the registry holds. */
  | 'publish';

/** The role of whatever pulls a lever in this mode. A lever or a mode that is not here does not compile. */
export const roles = {
  rebuild: 'rebuild',
  'rebuild interrupted': 'rebuild',
  'rebuild twice': 'rebuild',
  'rebuild beside-update': 'rebuild',
  'rebuild as-manager-starts': 'rebuild',
  rollback: 'rollback',
  'systemctl start': 'start',
  'systemctl stop': 'stop',
  'systemctl restart': 'start',
  'systemctl try-restart': 'start',
  'systemctl reload': 'reload',
  'systemctl enable': 'drift',
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
  'container stop': 'drift',
  'container remove': 'drift',
  'container kill': 'fault',
  'container kill-conmon': 'fault',
  'container kill-both': 'fault',
  'container rename': 'drift',
  'container relabel': 'drift',
  'addContainer foreign': 'drift',
  'addContainer on-network': 'drift',
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
  'autoUpdate dry-run': 'update-check',
  'secret missing': 'fault',
  'secret malformed': 'fault',
  'secret present': 'repair',
  shell: 'fault',
  'machine reboot': 'fault',
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

/** A lever, and the mode in which it is pulled where a machine may have it in one and not in another. */
export type Need = keyof typeof roles;

/** What an operation that needs these is there for: it is named for the first. */
export const roleOf = (needs: readonly [Need, ...Need[]]): Role => roles[needs[0]];

/** What it takes of a machine to have a lever pulled so. */
export const needOf: { readonly [L in keyof Levers]: (...args: Parameters<Levers[L]>) => Need } = {
  rebuild: (_declaration, mode: RebuildMode = 'plain') => rebuildNeed(mode),
  rollback: () => 'rollback',
  systemctl: (verb: Verb) => `systemctl ${verb}`,
  manager: action => `manager ${action}`,
  place: () => 'place',
  container: (action: Handling) => `container ${action}`,
  addContainer: kind => `addContainer ${kind}`,
  orphanTimer: () => 'orphanTimer',
  health: (_stack, _service, state) => `health ${state}`,
  publish: (_tag, version) => (version === null ? 'publish nothing' : 'publish'),
  registry: action => `registry ${action}`,
  autoUpdate: (how: Updating = 'command') => `autoUpdate ${how}`,
  secret: (_name, state) => `secret ${state}`,
  shell: () => 'shell',
  machine: (fault: Fault) => `machine ${fault}`,
};

/** What the simulator has no lever for, and why; an operation that needs one of these is done by real machines alone. */
export const notSimulated: Partial<Record<Need, string>> = {
  'rebuild interrupted': 'how far a rebuild has come when it is killed is a matter of milliseconds',
  'rebuild twice': 'which of the two comes first is a race',
  'rebuild beside-update': 'which of the two comes first is a race',
  'rebuild as-manager-starts': 'whether the manager is up when the rebuild asks for it is a race',
  shell: 'it runs a shell line, which the simulator cannot',
};

/** Why the simulator cannot do what needs these, in one sentence; undefined where it can. */
export function whyNotSimulated(needs: readonly Need[]): string | undefined {
  const missing = needs.find(need => notSimulated[need] !== undefined);
  return missing && notSimulated[missing];
}

/** A plain rebuild is what every machine can do. */
export const rebuildNeed = (mode: RebuildMode): Need => (mode === 'plain' ? 'rebuild' : `rebuild ${mode}`);

/** Whether a step made a declaration true, this one or the one before: what such steps break is the same. */
export const isRebuild = (role: Role): boolean => role === 'rebuild' || role === 'rollback';
