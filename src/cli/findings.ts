import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Observation } from '../../models/observation.ts';
import type { World } from '../../models/world.ts';
import { type Entry, format } from '../corpus/entry.ts';
import { type Saved, saveEntry } from '../corpus/store.ts';
import type { Finding } from '../engine/session/session.ts';
import { explain, type Tellers } from '../reports/explain.ts';
import type { Tone } from '../reports/terminal.ts';
import { why } from '../reports/why.ts';
import { commandLine } from './commands.ts';
import type { Opened } from './machines.ts';
import { modelsFlags } from './models.ts';
import { packagesIn, stacksIn, suiteIn, type Target } from './options.ts';

/** The circumstances with which findings are saved. */
export interface Keeping {
  readonly operations: Tellers;
  readonly corpus: string;
  /** The seed of the search, or the name of what was given instead. */
  readonly seed: Entry['found']['seed'];
  readonly opened: Opened;
  readonly subject: Target;
  /** Called with the report of a saved finding. */
  say(line: string, tone?: Tone): void;
}

/** A finding and the file that holds it. */
export interface SavedFinding {
  readonly finding: Finding<World, Observation>;
  readonly path: string;
  /** The whole of it in plain sentences, line by line. */
  readonly explanation: readonly string[];
  /** False where another run saved the same in the meantime. */
  readonly isNew: boolean;
}

/** Saves each finding at once, one after the other, so that a later error loses none. */
export interface Keeper {
  /** Prints a line in order: after the reports of the findings before it. */
  say(line: string): void;
  keep(finding: Finding<World, Observation>): void;
  /** Waits for all of them. */
  kept(): Promise<readonly SavedFinding[]>;
}

/** A keeper for one session. */
export function keeper(keeping: Keeping): Keeper {
  const all: SavedFinding[] = [];
  let last: Promise<void> = Promise.resolve();
  const inTurn = (work: () => Promise<void> | void): void => {
    last = last.then(work);
    last.catch(() => {}); // whoever asks for what was kept hears of it
  };
  return {
    say: line => inTurn(() => keeping.say(line)),
    keep: finding => inTurn(async () => void all.push(await keepOne(finding, keeping))),
    kept: async () => {
      await last;
      return all;
    },
  };
}

/** Used in place of the file of a finding that could not be saved. */
export const unsaved = 'not saved, see above';

async function keepOne(finding: Finding<World, Observation>, keeping: Keeping): Promise<SavedFinding> {
  const { say } = keeping;
  const entry = entryOf(finding, keeping);
  const [broken = '', ...story] = entry.explanation;
  say('');
  say(broken, 'bad');
  say(story.join('\n'));
  const saved = await savedSomewhere(entry, finding.run.evidence, keeping);
  const { explanation } = entry;
  if (saved === null) return { finding, path: unsaved, explanation, isNew: true };
  say(`${stateWords[saved.state]}: ${saved.path}`);
  if (saved.mended !== undefined) say(`Its evidence was missing, and is there now: ${saved.mended}`);
  say(`To see it again: ${commandLine('replay', [saved.path, ...again(keeping)])}`, 'command');
  say('');
  return { finding, path: saved.path, explanation, isNew: saved.state !== 'known' };
}

/** The state of a finding in the corpus, in words. */
export const stateWords: Readonly<Record<Saved['state'], string>> = {
  saved: 'Saved',
  known: 'Already known',
  again: 'It is in the corpus as one that should hold, and is broken again',
};

/** Saves a finding. If the corpus cannot be written, in a folder of its own; if that fails too, prints it. */
async function savedSomewhere(
  entry: Omit<Entry, 'evidence'>,
  evidence: string | undefined,
  { say, corpus }: Keeping,
): Promise<Saved | null> {
  try {
    return await saveEntry(corpus, entry, evidence);
  } catch (error) {
    say(`It cannot be saved in ${corpus} (${(error as Error).message}).`);
  }
  try {
    return await saveEntry(await mkdtemp(join(tmpdir(), 'stackfuzz-corpus-')), entry, evidence);
  } catch (error) {
    say(
      `Nor in ${tmpdir()} (${(error as Error).message}). Here it is, to be saved by hand:\n${JSON.stringify(entry)}\n`,
    );
    return null;
  }
}

/** The flags that the replay needs to use the same machines. */
const again = ({ opened, subject }: Keeping): readonly string[] => [
  '--host',
  opened.name,
  ...own(subject),
  ...modelsFlags(subject.models),
];

/** A profile of the user's own cannot be found by its name. */
const own = ({ flags }: Target): readonly string[] => {
  const at = flags.indexOf('--profile');
  return at >= 0 && /[./]/.test(flags[at + 1] ?? '') ? flags.slice(at, at + 2) : [];
};

function entryOf(finding: Finding<World, Observation>, keeping: Keeping): Omit<Entry, 'evidence'> {
  const { operations, opened, subject, seed } = keeping;
  const { violation, run, original, index, foundAfter, cost } = finding;
  const where = {
    host: opened.name,
    profile: subject.profile.name,
    provider: subject.provider,
    ...suiteIn(subject),
    ...stacksIn(subject),
    ...packagesIn(subject),
  };
  return {
    format,
    invariant: violation.invariant,
    promise: violation.promise,
    signature: violation.signature,
    expect: 'violated',
    ...where,
    steps: finding.steps,
    ...(finding.shows !== undefined && { shows: finding.shows }),
    details: [...violation.details],
    explanation: [...explain(operations, violation, run.taken, where), ...why(operations, finding.explanation)],
    versions: { ...opened.versions },
    found: {
      date: new Date().toISOString(),
      seed: finding.stage ?? seed,
      run: index,
      operations: foundAfter + cost.confirming + cost.shrinking,
      shrunkFrom: original.length,
    },
  };
}
