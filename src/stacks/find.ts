import { existsSync, lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Problem } from '../problem.ts';

/** A compose file that the user wants to run. */
export interface GivenStack {
  /** The name of the stack; null if the file or its folder gives it. */
  readonly name: string | null;
  /** Its folder, in which compose would be called. */
  readonly folder: string;
  /** The folder outside of which nothing is read: the same, or one above it. */
  readonly root: string;
  /** Names of compose files in the folder; later ones extend earlier ones. */
  readonly files: readonly string[];
}

/** Names that compose looks for, in its order; and those of the files that extend them. */
const usualNames = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const overrides = [
  'compose.override.yaml',
  'compose.override.yml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];

/** Most stacks in a folder: a homelab has a few dozen. */
const mostStacks = 100;

/**
 * The compose files that a path means: a file; a folder with one; or a folder of folders with one each.
 * @throws Problem if there is none
 */
export const composeFilesIn = (paths: readonly string[]): readonly GivenStack[] => paths.flatMap(composeFilesAt);

function composeFilesAt(path: string): readonly GivenStack[] {
  const entry = path === '' || /\0/.test(path) ? undefined : lookedUp(path);
  if (entry === undefined) throw notFound(path, 'nothing of that name');
  if (entry.isFile()) return [{ name: null, folder: dirname(path), root: dirname(path), files: [basename(path)] }];
  if (!entry.isDirectory()) throw notFound(path, 'something that is neither file nor folder');
  const files = filesOf(path);
  if (files.length > 0) return [{ name: null, folder: path, root: path, files }];
  const below = readdirSync(path, { withFileTypes: true })
    .filter(one => one.isDirectory() && !one.name.startsWith('.'))
    .map(one => join(path, one.name))
    .sort()
    .flatMap(folder => {
      const own = filesOf(folder);
      return own.length === 0 ? [] : [{ name: null, folder, root: path, files: own }];
    });
  if (below.length > mostStacks) throw notFound(path, `${below.length} of them`);
  if (below.length > 0) return below;
  throw notFound(path, `a folder without ${usualNames.slice(0, 3).join(', ')}, and without folders that have one`);
}

const filesOf = (folder: string): readonly string[] => {
  const first = usualNames.find(name => existsSync(join(folder, name)));
  const second = overrides.find(name => existsSync(join(folder, name)));
  return first === undefined ? [] : [first, ...(second === undefined ? [] : [second])];
};

function lookedUp(path: string) {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? statSync(realpathSync(path)) : statSync(path);
  } catch {
    return undefined; // the name is too long, a link is dangling, or the folder may not be read
  }
}

const notFound = (path: string, found: string): Problem =>
  new Problem({
    expected: `a compose file, a folder with one, or a folder of at most ${mostStacks} such folders`,
    found,
    where: `--stacks ${/\p{Cc}/u.test(path) ? JSON.stringify(path) : path}`,
    next: 'name the folder that your compose.yaml stands in; docs/own-stacks.md has an example',
  });
