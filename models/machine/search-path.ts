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

/** One of the directories of the search path. */
export type UnitDirectory = (typeof searchPath)[number];

/** The unit that runs a stack. */
export const unitOf = (stack: string): string => joined(stack, '-stack.service');

/** The unit that a container belongs to: its own, or that of its stack. */
export const containerUnitOf = (
  { ownUnits }: { readonly ownUnits: boolean },
  stack: string,
  service: string,
): string => (ownUnits ? joined(joined(stack, '-'), joined(service, '.service')) : unitOf(stack));

/**
 * Joins two texts, and returns the same string object each time, because the result is used millions of times as a key. A newly
 * built string would be compared letter by letter.
 */
function joined(one: string, other: string): string {
  let known = texts.get(other);
  if (known === undefined) {
    known = new Map();
    texts.set(other, known);
  }
  let text = known.get(one);
  if (text === undefined) {
    text = one + other;
    known.set(one, text);
  }
  return text;
}

const texts = new Map<string, Map<string, string>>();

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

/** The link by which default.target wants a stack's unit: what `systemctl enable` would make. */
export const wantsPath = (directory: UnitDirectory, stack: string): string =>
  below(below(directory, 'default.target.wants'), unitOf(stack));
