import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Problem } from '../problem.ts';

/** Longest file that is read, in bytes: a profile's are a few kilobytes. */
const longest = 1_048_576;
/** Most files in a profile's folder, all of which are copied to each machine. */
const mostFiles = 2_000;

/** The text of a file of a profile. @throws Problem if it is no regular file, too long, or not UTF-8 */
export function textOf(path: string, most = longest): string {
  // O_NONBLOCK: otherwise open() would wait for ever for a pipe that nobody writes to.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { size, mode } = fstatSync(file);
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw wrong(path, 'a regular file', 'something else');
    if (size > most) throw wrong(path, `a file of at most ${most / 1024} KiB`, `${Math.ceil(size / 1024)} KiB`);
    const bytes = readFileSync(file);
    const text = bytes.toString('utf8');
    if (Buffer.from(text).equals(bytes)) return text;
    const line = text.slice(0, text.indexOf('\ufffd')).split('\n').length;
    throw wrong(`${path}:${line}`, 'text in UTF-8', 'other bytes');
  } finally {
    closeSync(file);
  }
}

/**
 * Checks everything in a profile's folder, all of which is copied to the machines.
 * @throws Problem for what is neither a folder nor a regular file nor a link within the folder, and for too many or too long
 * files
 */
export function mustHoldFiles(folder: string): void {
  const root = realpathSync(folder);
  let files = 0;
  const look = (below: string): void => {
    for (const entry of readdirSync(below, { withFileTypes: true })) {
      const path = join(below, entry.name);
      if (++files > mostFiles) throw wrong(folder, `at most ${mostFiles} files`, 'more');
      if (entry.isDirectory()) look(path);
      else if (entry.isSymbolicLink()) mustLeadWithin(root, path);
      else if (!entry.isFile()) throw wrong(path, 'a regular file', 'something else');
    }
  };
  look(folder);
}

function mustLeadWithin(root: string, path: string): void {
  if (!existsSync(path)) throw wrong(path, 'a link to a file of the profile', 'one that leads nowhere');
  const target = realpathSync(path);
  if (relative(root, target).startsWith('..') || target === root)
    throw wrong(path, 'a link to a file of the profile', 'one that leads out of its folder');
  if (!statSync(target).isFile()) throw wrong(path, 'a link to a file of the profile', 'one to something else');
}

/**
 * Checks that the files exist and are executable that a command names by a path which begins with ./
 * @throws Problem for one that is not
 */
export function mustBeExecutable(
  files: ReadonlyMap<string, string>,
  folder: string,
  command: string,
  where: string,
): void {
  for (const [, script = ''] of command.matchAll(/(?:^|[\s;&|(])(\.\/[\w./+-]+)/g)) {
    const below = join(script);
    const path = files.get(below) ?? join(folder, script);
    const next = `chmod +x ${path}`;
    const isFolder = [...files.keys()].some(file => below === './' || file.startsWith(`${below.replace(/\/$/, '')}/`));
    if (!files.has(below) && !isFolder)
      throw new Problem({ expected: `the file ${script}`, found: 'no such file', where, next: `write ${path}` });
    const isFile = files.has(below);
    const mode = isFile ? statSync(path).mode : 0;
    if (isFile && (mode & 0o111) === 0)
      throw new Problem({
        expected: `${script} to be executable`,
        found: `mode ${(mode & 0o777).toString(8)}`,
        where,
        next,
      });
    // A folder may be an argument of a command, but not the command itself.
    if (!isFile && command.trim().startsWith(script))
      throw new Problem({
        expected: `${script} to be a file`,
        found: 'a folder',
        where,
        next: `write a script ${path}`,
      });
  }
}

/** What a command may report in a line for programs (models/machine/outcome.ts), as a script would write it. */
const outcome = /^stackfuzz: (?:refused(?=\s*$|['"\\;)]|\s+[^\w\s])|(?:rolled-back|stale) ["']?[\w$@%{])/;

/**
 * Checks that stackfuzz can read each line for programs that a file of a profile contains: an unknown word would be ignored.
 * Comments and documentation are skipped; a line that is composed while a command runs cannot be seen here.
 * @throws Problem for the first unknown one
 */
export function mustSayOutcomes(paths: Iterable<string>): void {
  for (const path of paths) {
    if (path.endsWith('.md') || statSync(path).size > longest) continue;
    const lines = readFileSync(path, 'latin1').split('\n');
    for (const [index, line] of lines.entries()) {
      if (/^\s*#/.test(line)) continue;
      for (const { index: at } of line.matchAll(/\bstackfuzz: /g))
        mustBeOutcome(line.slice(at), `${path}:${index + 1}`);
    }
  }
}

function mustBeOutcome(said: string, where: string): void {
  if (outcome.test(said)) return;
  throw new Problem({
    expected: 'stackfuzz: refused, stackfuzz: rolled-back UNIT or stackfuzz: stale UNIT, and nothing else in that line',
    found: said.replace(/['"\\;].*/, '').trim(),
    where,
    next: 'docs/profiles.md says what each of them means',
  });
}

const wrong = (where: string, expected: string, found: string): Problem =>
  new Problem({ expected, found, where, next: `correct it, or take it out of ${dirname(where)}` });
