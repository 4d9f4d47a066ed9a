import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Problem } from '../problem.ts';
import { longestFile, wrongFile } from '../text-file.ts';

/** Most files in a profile's folder, all of which are copied to each machine. */
const mostFiles = 2_000;

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
      if (++files > mostFiles) throw wrongFile(folder, `at most ${mostFiles} files`, 'more');
      if (entry.isDirectory()) look(path);
      else if (entry.isSymbolicLink()) mustLeadWithin(root, path);
      else if (!entry.isFile()) throw wrongFile(path, 'a regular file', 'something else');
    }
  };
  look(folder);
}

function mustLeadWithin(root: string, path: string): void {
  if (!existsSync(path)) throw wrongFile(path, 'a link to a file of the profile', 'one that leads nowhere');
  const target = realpathSync(path);
  if (relative(root, target).startsWith('..') || target === root)
    throw wrongFile(path, 'a link to a file of the profile', 'one that leads out of its folder');
  if (!statSync(target).isFile()) throw wrongFile(path, 'a link to a file of the profile', 'one to something else');
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
    if (path.endsWith('.md') || statSync(path).size > longestFile) continue;
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
