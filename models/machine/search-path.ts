/**
 * The directories in which the systemd user manager looks for units, strongest first (man systemd.unit, "Unit File Load Path";
 * facts.md F1). `~` is the operator's home, `%t` their runtime directory ($XDG_RUNTIME_DIR). Generator directories are left
 * out: they are emptied before each reload, so nothing placed there by hand is ever loaded (man systemd.generator).
 */
export const searchPath = [
  '~/.config/systemd/user.control',
  '%t/systemd/user.control',
  '%t/systemd/transient',
  '~/.config/systemd/user',
  '/etc/systemd/user',
  '%t/systemd/user',
  '/run/systemd/user',
  '~/.local/share/systemd/user',
  '/usr/local/share/systemd/user',
  '/usr/share/systemd/user',
  '/usr/local/lib/systemd/user',
  '/usr/lib/systemd/user',
] as const;

/** The same for the manager of the system (man systemd.unit, "System Unit Search Path"; facts.md F150). */
const systemSearchPath = [
  '/etc/systemd/system.control',
  '/run/systemd/system.control',
  '/run/systemd/transient',
  '/etc/systemd/system',
  '/etc/systemd/system.attached',
  '/run/systemd/system',
  '/run/systemd/system.attached',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
] as const;

/** Whose manager runs the stacks: the operator's own, with their rootless podman, or the system's, with root's. */
export type Scope = 'user' | 'system';

/** One of the directories of the search path. */
export type UnitDirectory = (typeof searchPath)[number] | (typeof systemSearchPath)[number];

/** The directories of both search paths; no directory is in both. */
export const everyDirectory: readonly [UnitDirectory, ...UnitDirectory[]] = [...searchPath, ...systemSearchPath];

/** The manager that reads a directory: the owner's directory decides it for a profile. */
export const scopeOf = (directory: UnitDirectory): Scope =>
  (systemSearchPath as readonly string[]).includes(directory) ? 'system' : 'user';

/** The search path that a directory belongs to, strongest first. */
export const searchPathOf = (directory: UnitDirectory): readonly UnitDirectory[] => searchPaths[scopeOf(directory)];

const searchPaths: Readonly<Record<Scope, readonly UnitDirectory[]>> = { user: searchPath, system: systemSearchPath };

/** The directories that verbs of systemctl write to, by what they write; the manager ignores their modification times but the first's. */
interface VerbDirectories {
  readonly config: UnitDirectory;
  readonly runtime: UnitDirectory;
  readonly control: UnitDirectory;
  readonly runtimeControl: UnitDirectory;
  readonly transient: UnitDirectory;
}

/** Those of the manager that reads the owner's directory. */
export const verbDirectories = (owner: UnitDirectory): VerbDirectories => verbDirectoriesIn[scopeOf(owner)];

const verbDirectoriesIn: Readonly<Record<Scope, VerbDirectories>> = {
  user: {
    config: '~/.config/systemd/user',
    runtime: '%t/systemd/user',
    control: '~/.config/systemd/user.control',
    runtimeControl: '%t/systemd/user.control',
    transient: '%t/systemd/transient',
  },
  system: {
    config: '/etc/systemd/system',
    runtime: '/run/systemd/system',
    control: '/etc/systemd/system.control',
    runtimeControl: '/run/systemd/system.control',
    transient: '/run/systemd/transient',
  },
};

/**
 * A function that joins two texts, and returns the same string object each time, because the result is used millions of times as a
 * key. A newly built string would be compared letter by letter.
 */
function joining(between: string): (one: string, other: string) => string {
  const texts = new Map<string, Map<string, string>>();
  return (one, other) => {
    let known = texts.get(other);
    if (known === undefined) {
      known = new Map();
      texts.set(other, known);
    }
    let text = known.get(one);
    if (text === undefined) {
      text = one + between + other;
      known.set(one, text);
    }
    return text;
  };
}

const joined = joining('');

/** The unit that runs a stack. */
export const unitOf = (stack: string): string => joined(stack, '-stack.service');

/** How a container is called in a world and in a look: `web/app`. */
export const containerKey = joining('/');

/** The unit that a container belongs to: its own, or that of its stack. */
export const containerUnitOf = (
  { ownUnits, ownUnitPrefix = '' }: { readonly ownUnits: boolean; readonly ownUnitPrefix?: string },
  stack: string,
  service: string,
): string =>
  ownUnits ? joined(joined(ownUnitPrefix, joined(stack, '-')), joined(service, '.service')) : unitOf(stack);

/** The stack that a unit runs, or null where it runs none. */
export const stackOf = (unit: string): string | null =>
  unit.endsWith('-stack.service') ? unit.slice(0, -'-stack.service'.length) : null;

/** The path of a unit file of this name in a directory of the search path. */
export const unitPath = (directory: UnitDirectory, stack: string): string => below(directory, unitOf(stack));

const below = (directory: string, name: string): string => joined(joined(directory, '/'), name);

/** What a drop-in extends: one unit, every unit whose name begins with the same prefix, or every service (facts.md F6). */
export const levels = ['unit', 'prefix', 'type'] as const;
export type DropInLevel = (typeof levels)[number];

/** The directory, below one of the search path, for drop-ins of a level. */
export const dropInDirectory = (stack: string, level: DropInLevel): string =>
  level === 'unit' ? joined(unitOf(stack), '.d') : level === 'prefix' ? joined(stack, '-.service.d') : 'service.d';

/** The path of our drop-in for a unit; the file name is the same everywhere, so that the strongest directory wins. */
export const dropInPath = (
  directory: UnitDirectory,
  stack: string,
  level: DropInLevel = 'unit',
  name = '50-drift',
): string => below(below(directory, dropInDirectory(stack, level)), joined(name, '.conf'));

/** The link by which the target that a manager starts with wants a stack's unit: what `systemctl enable` would make. */
export const wantsPath = (directory: UnitDirectory, stack: string): string =>
  below(joined(firstTargetPath(directory), '.wants'), unitOf(stack));

/** The link by which another target, which every manager of a user starts, wants a unit too: `systemctl add-wants`. */
export const alsoWantsPath = (directory: UnitDirectory, stack: string): string =>
  below(below(directory, joined(alsoWanting, '.wants')), unitOf(stack));

export const alsoWanting = 'basic.target';

/** Where a file would take the place of the target that a manager starts with, which a package brings. */
export const firstTargetPath = (directory: UnitDirectory): string => below(directory, firstTargets[scopeOf(directory)]);

const firstTargets: Readonly<Record<Scope, string>> = { user: 'default.target', system: 'multi-user.target' };

/** Whether a path is such a place. */
export const isFirstTarget = (path: string): boolean => path.endsWith('/default.target');
