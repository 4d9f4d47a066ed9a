import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, makeFolder, unwritable, writeNew } from '../files.ts';
import { Problem } from '../problem.ts';
import { type Entry, parseEntry, providersOf, suiteOf } from './entry.ts';
import { keptEvidence } from './evidence.ts';

/** An entry and the file that holds it. */
export interface Stored {
  readonly path: string;
  readonly entry: Entry;
}

/** All entries of a corpus; a file that cannot be read takes nothing away from the others. */
export interface Corpus {
  readonly entries: readonly Stored[];
  readonly problems: readonly Problem[];
}

/** Reads every `<invariant>/<slug>.json` of a corpus folder; one that is not there yet is empty. */
export async function readCorpus(folder: string): Promise<Corpus> {
  const paths: string[] = [];
  for (const invariant of await folders(folder)) {
    const files = (await readdir(join(folder, invariant))).filter(file => file.endsWith('.json'));
    paths.push(...files.sort().map(file => join(folder, invariant, file)));
  }
  return readEntries(paths);
}

/** Reads the entries named. */
export async function readEntries(paths: readonly string[]): Promise<Corpus> {
  const entries: Stored[] = [];
  const problems: Problem[] = [];
  for (const path of paths) {
    try {
      entries.push({ path, entry: await readEntry(path) });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      problems.push(error);
    }
  }
  return { entries, problems };
}

async function readEntry(path: string): Promise<Entry> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new Problem({
      expected: 'a corpus entry',
      found: codeOf(error) === 'ENOENT' ? 'no such file' : `a file that cannot be read (${codeOf(error)})`,
      where: path,
      next: 'stackfuzz list corpus shows those that are there.',
    });
  });
  return parseEntry(text, path);
}

async function folders(folder: string): Promise<readonly string[]> {
  try {
    const found = await readdir(folder, { withFileTypes: true });
    return found
      .filter(each => each.isDirectory())
      .map(each => each.name)
      .sort();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw new Problem({
      expected: 'a corpus folder',
      found: codeOf(error) === 'ENOTDIR' ? 'a file' : `one that cannot be read (${codeOf(error)})`,
      where: folder,
      next: 'Choose another: --corpus DIR',
    });
  }
}

/**
 * Finds out, before anything is done, whether findings could be saved in a folder.
 * @throws Problem where they could not.
 */
export async function mustBeWritable(folder: string): Promise<void> {
  const reason = await unwritable(folder);
  if (reason === null) return;
  throw new Problem({
    expected: 'a folder to save findings in',
    found: `one that cannot be written (${reason})`,
    where: folder,
    next: 'Choose another: --corpus DIR',
  });
}

/** What makes two entries the same finding: the signature, with the same things under test. */
export const sameFinding = (one: Identity, other: Identity): boolean =>
  one.signature === other.signature && isUnder(one, other);

/** Whether an entry is of this profile, with a compose provider of both, on this Debian release. */
export const isUnder = (entry: UnderTest, other: UnderTest): boolean =>
  entry.profile === other.profile &&
  suiteOf(entry) === suiteOf(other) &&
  providersOf(entry).some(provider => providersOf(other).includes(provider));

type UnderTest = Pick<Entry, 'profile' | 'provider' | 'alsoWith' | 'suite'>;
type Identity = UnderTest & Pick<Entry, 'signature'>;

/**
 * Saves a finding, with its evidence beside it. One that is there already stays as it is.
 * @returns the entry's file, and whether it is a new one.
 */
export async function saveEntry(
  folder: string,
  entry: Omit<Entry, 'evidence'>,
  evidence?: string,
): Promise<{ path: string; fresh: boolean }> {
  const known = (await readCorpus(folder)).entries.find(stored => sameFinding(stored.entry, entry));
  if (known !== undefined) return { path: known.path, fresh: false };
  await makeFolder(join(folder, entry.invariant));
  const slug = slugOf(entry);
  for (let count = 1; ; count++) {
    const name = count === 1 ? slug : `${slug}-${count}`;
    const path = join(folder, entry.invariant, `${name}.json`);
    const whole: Entry = evidence === undefined ? entry : { ...entry, evidence: `${name}.evidence.txt` };
    if (!(await writeNew(path, `${JSON.stringify(whole, null, 2)}\n`))) continue;
    if (evidence !== undefined)
      await writeNew(join(folder, entry.invariant, `${name}.evidence.txt`), keptEvidence(evidence));
    return { path, fresh: true };
  }
}

/** A name that tells what the entry does: its operations, as many as fit. */
function slugOf(entry: Pick<Entry, 'steps'>): string {
  const names = entry.steps.map(step => step.operation);
  const kept = names.filter((name, index) => name !== names[index - 1]);
  while (kept.join('-').length > 60 && kept.length > 1) kept.shift();
  return kept.join('-');
}
