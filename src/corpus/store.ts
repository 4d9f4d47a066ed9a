import { lstat, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf, makeFolder, readRegular, sweep, Unreadable, unwritable, writeNew, writeOver } from '../files.ts';
import { lockedFolder } from '../lock.ts';
import { Problem } from '../problem.ts';
import { redacted } from '../redact.ts';
import { visible } from '../visible.ts';
import { type Entry, parseEntry, providersOf, suiteOf } from './entry.ts';
import { keptEvidence } from './evidence.ts';

/** An entry and its file. */
export interface Stored {
  readonly path: string;
  readonly entry: Entry;
  /** The file of evidence that the entry names, if it is missing. */
  readonly missing?: string;
}

/** All entries of a corpus; a file that cannot be read does not affect the others. */
export interface Corpus {
  readonly entries: readonly Stored[];
  readonly problems: readonly Problem[];
}

/**
 * Reads every `<invariant>/<slug>.json` of a corpus folder; a folder that does not exist yet is empty. Only regular files are
 * read: a link could lead anywhere, and a pipe could block.
 */
export async function readCorpus(folder: string): Promise<Corpus> {
  const paths: string[] = [];
  const problems: Problem[] = [];
  for (const invariant of await folders(folder)) {
    const place = join(folder, invariant);
    try {
      const files = (await readdir(place)).filter(file => file.endsWith('.json') && !file.startsWith('.'));
      paths.push(...files.sort().map(file => join(place, file)));
    } catch (error) {
      problems.push(
        new Problem({
          expected: 'a folder of entries',
          found: `one that cannot be read (${codeOf(error)})`,
          where: place,
          next: 'Make it readable, or move it out of the corpus. The other folders are read all the same.',
        }),
      );
    }
  }
  const read = await readAll(paths, { links: false });
  return { entries: read.entries, problems: [...problems, ...read.problems] };
}

/** Reads the entries that the user names. */
export const readEntries = (paths: readonly string[]): Promise<Corpus> => readAll(paths, { links: true });

async function readAll(paths: readonly string[], options: { links: boolean }): Promise<Corpus> {
  const entries: Stored[] = [];
  const problems: Problem[] = [];
  for (const path of paths) {
    try {
      const entry = await readEntry(path, options);
      entries.push({ path, entry, ...(await missingOf(path, entry)) });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      problems.push(error);
    }
  }
  return { entries, problems };
}

async function readEntry(path: string, options: { links: boolean }): Promise<Entry> {
  const text = await readRegular(path, options).catch((error: unknown) => {
    if (!(error instanceof Unreadable)) throw error;
    throw new Problem({
      expected: 'a corpus entry',
      found: error.message,
      where: path,
      next: 'stackfuzz list corpus shows those that are there.',
    });
  });
  return parseEntry(text, path);
}

/** The evidence that an entry names, if it is no regular file beside it. */
async function missingOf(path: string, { evidence }: Entry): Promise<{ readonly missing?: string }> {
  if (evidence === undefined) return {};
  const file = join(dirname(path), evidence);
  return (await lstat(file).catch(() => null))?.isFile() ? {} : { missing: file };
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

/** Checks, before anything is done, that findings can be saved in a folder. @throws Problem if they cannot */
export async function mustBeWritable(folder: string): Promise<void> {
  const reason = await unwritable(folder);
  if (reason === null) return;
  throw new Problem({
    expected: 'a folder to save findings in',
    found: `one that cannot be written (${reason})`,
    where: folder === '' ? "''" : folder,
    next: 'Choose another: --corpus DIR',
  });
}

/** Whether two entries are the same finding: the same signature under the same profile, stacks, provider and release. */
export const sameFinding = (one: Identity, other: Identity): boolean =>
  one.signature === other.signature && isUnder(one, other);

/** Whether an entry is of this profile, of these compose files, with a compose provider of both, and of this Debian release. */
export const isUnder = (entry: UnderTest, other: UnderTest): boolean =>
  entry.profile === other.profile &&
  suiteOf(entry) === suiteOf(other) &&
  String(entry.stacks) === String(other.stacks) &&
  String(entry.homeManager) === String(other.homeManager) &&
  providersOf(entry).some(provider => providersOf(other).includes(provider));

type UnderTest = Pick<Entry, 'profile' | 'provider' | 'alsoWith' | 'suite' | 'stacks' | 'homeManager'>;
type Identity = UnderTest & Pick<Entry, 'signature'>;

/** The result of saving a finding. */
export interface Saved {
  /** The file of the entry. */
  readonly path: string;
  /**
   * `saved` if it is new, `known` if the corpus already had it, `again` if the corpus had it as mended, so that it should hold.
   */
  readonly state: 'saved' | 'known' | 'again';
  /** The file of evidence that a known entry lacked, and that is there now. */
  readonly mended?: string;
}

/**
 * Saves a finding, with its evidence beside it. An entry that exists stays as it is, and gets the evidence that it lacks. Of
 * several runs with one corpus only one saves at a time, and looks again before it does. The evidence is on the disk before the
 * entry that names it: a run that is killed leaves no entry without evidence.
 */
export async function saveEntry(folder: string, entry: Omit<Entry, 'evidence'>, evidence?: string): Promise<Saved> {
  await makeFolder(folder);
  return lockedFolder(folder, async held => {
    const place = join(folder, entry.invariant);
    await makeFolder(place);
    if (!(await lstat(place)).isDirectory()) throw new Error(`${place} is a link, and nothing is saved through one`);
    // Whoever writes into a corpus holds its lock, so temporary files that are there now were left by runs that have ended.
    if (held) for (const each of ['.', ...(await folders(folder))]) await sweep(join(folder, each));
    for (;;) {
      const known = await knownIn(folder, entry);
      if (known !== undefined) return asKnown(known, evidence);
      const path = await savedAs(await freeName(folder, entry, held), entry, evidence, held);
      if (path !== null) return { path, state: 'saved' };
    }
  });
}

/** The entry of a corpus that is the same finding; one that is not mended is preferred. */
async function knownIn(folder: string, entry: Identity): Promise<Stored | undefined> {
  const same = (await readCorpus(folder)).entries.filter(stored => sameFinding(stored.entry, entry));
  return same.find(stored => stored.entry.expect === 'violated') ?? same[0];
}

async function asKnown(known: Stored, evidence: string | undefined): Promise<Saved> {
  const state = known.entry.expect === 'held' ? 'again' : 'known';
  const mended = evidence !== undefined && (await wroteMissing(known, evidence));
  return { path: known.path, state, ...(mended && known.missing !== undefined ? { mended: known.missing } : {}) };
}

/**
 * Writes the evidence that an entry names and that is missing, when the finding has shown again.
 * @returns the file; null if nothing was missing, or if something else is there now
 */
export async function mendEvidence(stored: Stored, evidence: string): Promise<string | null> {
  if (stored.missing === undefined) return null;
  return lockedFolder(dirname(dirname(stored.path)), async () =>
    (await wroteMissing(stored, evidence)) ? (stored.missing ?? null) : null,
  );
}

const wroteMissing = async ({ missing }: Stored, evidence: string): Promise<boolean> =>
  missing !== undefined && (await writeNew(missing, keptEvidence(evidence)));

/** A path, without its ending, at which there is neither an entry nor evidence that an entry names. */
async function freeName(folder: string, entry: Omit<Entry, 'evidence'>, held: boolean): Promise<string> {
  const place = join(folder, entry.invariant);
  const there = new Set(await readdir(place));
  const { entries } = await readCorpus(folder);
  const named = new Set(entries.flatMap(stored => stored.entry.evidence ?? []));
  const slug = slugOf(entry);
  for (let count = 1; ; count++) {
    const name = count === 1 ? slug : `${slug}-${count}`;
    const evidence = `${name}.evidence.txt`;
    // Evidence that no entry names was left by a run that was killed before it wrote the entry: it is overwritten.
    const isFree = !there.has(evidence) || (held && !named.has(evidence) && (await isRegular(join(place, evidence))));
    if (!there.has(`${name}.json`) && isFree) return join(place, name);
  }
}

const isRegular = async (path: string): Promise<boolean> => (await lstat(path).catch(() => null))?.isFile() ?? false;

/** Writes the evidence first and the entry last. Returns null if somebody without the lock wrote the same file meanwhile. */
async function savedAs(
  name: string,
  entry: Omit<Entry, 'evidence'>,
  evidence: string | undefined,
  held: boolean,
): Promise<string | null> {
  const [path, beside] = [`${name}.json`, `${name}.evidence.txt`];
  if (evidence !== undefined && held) await writeOver(beside, keptEvidence(evidence));
  if (evidence !== undefined && !held && !(await writeNew(beside, keptEvidence(evidence)))) return null;
  const shared = {
    ...entry,
    details: entry.details.map(sharedText),
    explanation: entry.explanation.map(sharedText),
    ...(evidence === undefined ? {} : { evidence: basename(beside) }),
  };
  return (await writeNew(path, `${JSON.stringify(shared, null, 2)}\n`)) ? path : null;
}

/** A sentence in the form in which a shared file keeps it. */
const sharedText = (text: string): string => visible(redacted(text));

/** A name for the entry: its operations, as many as fit. */
function slugOf(entry: Pick<Entry, 'steps'>): string {
  if (entry.steps.length === 0) return 'first-rebuild';
  const names = entry.steps.map(step => step.operation);
  const kept = names.filter((name, index) => name !== names[index - 1]);
  while (kept.join('-').length > 60 && kept.length > 1) kept.shift();
  return kept.join('-');
}
