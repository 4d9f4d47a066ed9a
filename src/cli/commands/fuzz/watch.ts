import type { Observation } from '../../../../models/observation.ts';
import type { World } from '../../../../models/world.ts';
import type { Stored } from '../../../corpus/store.ts';
import type { Hooks, Phase } from '../../../engine/session/session.ts';
import { beginningWords, doneWords, stepWords, type Tellers } from '../../../reports/explain.ts';
import type { Progress } from '../../../reports/progress.ts';
import type { Keeper } from '../../findings.ts';
import type { Crashes } from './crashes.ts';
import type { Unexplained } from './unexplained.ts';

const doing: Readonly<Record<Phase, string>> = {
  find: '',
  confirm: 'asking again: ',
  shrink: 'shrinking it: ',
  simulate: 'shrinking it: ',
};

/** Shows how a session goes, and hands on what it finds. */
export function watching(
  operations: Tellers,
  progress: Progress,
  findings: Keeper,
  others: Unexplained,
  crashes: Crashes,
  warn: (line: string) => void,
  known: readonly Stored[] = [],
  /** Told of each operation, once it was done. */
  detail: (line: string) => void = () => {},
  /** Without the stories of what is known, and what is being done about what is new. */
  isQuiet = false,
  /** What the machines are called. */
  host = 'lab',
): Hooks<World, Observation> {
  const seen = new Set<string>();
  const stories = new Map(known.map(({ path, entry }) => [entry.signature, { path, entry }]));
  const chat = (line: string): void => {
    if (!isQuiet) findings.say(line);
  };
  let standing = { operations: 0, runs: 0, findings: 0 };
  const stands = (change: Partial<typeof standing>): void => {
    standing = { ...standing, ...change };
    progress.stands(standing);
  };
  return {
    onBegin: (step, { phase, index, of }) => {
      progress.doing(`${doing[phase]}${stepWords(operations, step)} (${index + 1} of ${of})`);
    },
    onOperation: (taken, { phase, machine, index, of }) => {
      detail(`machine ${machine + 1}, step ${index + 1} of ${of}: ${doing[phase]}${doneWords(operations, taken)}`);
      stands({ operations: standing.operations + (taken.skipped ? 0 : 1) });
    },
    onRun: (index, { verdict, evidence }, stage) => {
      if (verdict.kind === 'inconclusive') others.keep(`${stage === 'walks' ? 'run' : stage}-${index}`, evidence);
      if (verdict.kind === 'violated') {
        const story = stories.get(verdict.violation.signature);
        stories.delete(verdict.violation.signature);
        if (story !== undefined) chat(['', knownWords(story, host), ...story.entry.explanation, ''].join('\n'));
      }
      stands({ runs: standing.runs + 1 });
    },
    onPhase: (phase, about) => {
      if (phase === 'simulate') progress.doing('shrinking it on the simulator');
      if (seen.has(about)) return;
      seen.add(about);
      const [invariant] = about.split(':');
      chat(`A promise seems to be broken (${invariant}): asking again ${beginningWords(host)}, then shrinking it.`);
    },
    onCrash: crash => crashes.keep(crash),
    onTrouble: trouble => warn(`Something beside the search failed, and the search goes on: ${trouble}`),
    onFinding: finding => {
      stands({ findings: standing.findings + 1 });
      findings.keep(finding);
    },
    onFlaky: ({ violation, index, runs }) => {
      findings.say(`It did not show again, so it is no finding: ${violation.signature}`);
      others.keep(`once-${index}`, runs.find(({ verdict }) => verdict.kind === 'violated')?.evidence);
    },
  };
}

/** Which finding it is that has shown again; what follows is told of the machine on which it was found. */
const knownWords = ({ path, entry }: Pick<Stored, 'path' | 'entry'>, host: string): string =>
  entry.host === host ? `Known: ${path}` : `Known: ${path}, shown on ${host} now. As it was found on ${entry.host}:`;
