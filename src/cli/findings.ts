import type { Observation } from '../../models/observation.ts';
import type { World } from '../../models/world.ts';
import { type Entry, format } from '../corpus/entry.ts';
import { saveEntry } from '../corpus/store.ts';
import type { Finding } from '../engine/session.ts';
import { explain, type Tellers } from '../reports/explain.ts';
import { why } from '../reports/why.ts';
import { commandLine } from './commands.ts';
import type { Opened } from './machines.ts';
import type { Subject } from './options.ts';

/** What findings are saved with. */
export interface Keeping {
  readonly operations: Tellers;
  readonly corpus: string;
  /** Of the search, or the name of what was given instead of drawn. */
  readonly seed: Entry['found']['seed'];
  readonly opened: Opened;
  readonly subject: Subject;
  /** Takes the report of a finding that was saved. */
  say(line: string): void;
}

/** A finding and the file that holds it. */
export interface Kept {
  readonly finding: Finding<World, Observation>;
  readonly path: string;
}

/** Saves each finding as soon as it is made, one after the other, so that a later trouble takes nothing away. */
export interface Keeper {
  /** A line in its turn: after the reports of the findings before it. */
  say(line: string): void;
  keep(finding: Finding<World, Observation>): void;
  /** Waits for all of them. */
  kept(): Promise<readonly Kept[]>;
}

/** A keeper for one session. */
export function keeper(keeping: Keeping): Keeper {
  const all: Kept[] = [];
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

async function keepOne(finding: Finding<World, Observation>, keeping: Keeping): Promise<Kept> {
  const { say, corpus } = keeping;
  const entry = entryOf(finding, keeping);
  say(['', ...entry.explanation].join('\n'));
  const saved = await saveEntry(corpus, entry, finding.run.evidence).catch((error: Error) => {
    say(
      `It cannot be saved in ${corpus} (${error.message}). Here it is, to be saved by hand:\n${JSON.stringify(entry)}`,
    );
    return { path: 'not saved, see above', fresh: true };
  });
  say(`${saved.fresh ? 'Saved' : 'It is in the corpus already, as one that should hold'}: ${saved.path}`);
  say(`To see it again: ${commandLine('replay', [saved.path, ...again(keeping)])}\n`);
  return { finding, path: saved.path };
}

/** Flags without which the replay would take other machines. */
const again = ({ opened, subject }: Keeping): readonly string[] => ['--host', opened.kind, ...own(subject)];

/** A profile of the operator's own cannot be found by its name. */
const own = ({ flags }: Subject): readonly string[] => {
  const at = flags.indexOf('--profile');
  return at >= 0 && /[./]/.test(flags[at + 1] ?? '') ? flags.slice(at, at + 2) : [];
};

function entryOf(finding: Finding<World, Observation>, keeping: Keeping): Omit<Entry, 'evidence'> {
  const { operations, opened, subject, seed } = keeping;
  const { violation, run, original, index, foundAfter, cost } = finding;
  const where = { host: opened.kind, profile: subject.profile.name, provider: subject.provider };
  return {
    format,
    invariant: violation.invariant,
    promise: violation.promise,
    signature: violation.signature,
    expect: 'violated',
    ...where,
    steps: finding.steps,
    details: [...violation.details],
    explanation: [...explain(operations, violation, run.taken, where), ...why(operations, finding.explanation)],
    versions: { ...opened.versions },
    found: {
      date: new Date().toISOString(),
      seed,
      run: index,
      operations: foundAfter + cost.confirming + cost.shrinking,
      shrunkFrom: original.length,
    },
  };
}
