import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { type Catalog, loadCatalog, modelOf } from '../catalog.ts';
import { suiteOf } from '../corpus/entry.ts';
import { type Corpus, mustBeWritable, readCorpus, readEntries, type Stored, saveEntry } from '../corpus/store.ts';
import { Problem } from '../problem.ts';
import { setupOf } from '../profiles/setup.ts';
import { mustBeReportable, type Report, writeReport } from '../reports/json.ts';
import { count } from '../reports/progress.ts';
import type { Context } from './context.ts';
import { exit, type Status, verdictWord, worst } from './exit.ts';
import { type Interrupt, interruptible } from './interrupt.ts';
import { isImitated } from './machines.ts';
import { onMachines, usualLabs } from './on-machines.ts';
import { addShared, type Given, type Kind, kindOf, type Subject, subject, suiteIn, usualSuite } from './options.ts';
import { notReplayed, type Replayed, replayOn, shownHere } from './replay-one.ts';

interface ReplayGiven extends Given {
  /** A corpus that takes over what shows: a search on the simulator proposes, and a lab machine confirms. */
  readonly keep?: string;
}

/** `stackfuzz replay`: do what corpus entries say, and compare with what they expect. */
export function addReplay(program: Command, context: Context): void {
  addShared(
    program.command('replay').description('do again what corpus entries say, and compare with what they expect'),
  )
    .argument('[entry...]', 'files of entries (default: the whole corpus)')
    .option('--keep <dir>', 'also save there what shows here, with the versions and the evidence of these machines')
    .action(async (paths: string[], given: ReplayGiven) => context.end(await replay(paths, given, context)));
}

async function replay(paths: readonly string[], given: ReplayGiven, context: Context): Promise<Status> {
  const kind = kindOf(given.host, context);
  const catalog = await loadCatalog();
  if (given.json !== undefined) await mustBeReportable(given.json);
  if (given.keep !== undefined) await mustBeWritable(given.keep);
  const { entries, problems } = await wanted(paths, given.corpus);
  const { groups, unusable } = groupsOf(entries, given);
  const messages = [...problems.map(problem => problem.message), ...unusable];
  for (const message of messages) context.note(message);
  const begun = Date.now();
  const interrupt = interruptible(line => context.note(line));
  const all: Replayed[] = [];
  try {
    for (const group of groups)
      all.push(...(await replayGroup({ catalog, kind, given, ...group }, interrupt, context)));
  } finally {
    interrupt.dispose();
  }
  const status = worst([...all.map(each => each.status), ...messages.map(() => exit.usage)]);
  context.out(lastWords(all, messages.length));
  const seconds = (Date.now() - begun) / 1000;
  if (given.json !== undefined) await writeReport(given.json, reportOf(status, kind, seconds, all, messages));
  return status;
}

function wanted(paths: readonly string[], folder: string): Promise<Corpus> {
  if (paths.length > 0) return readEntries(paths);
  if (existsSync(folder)) return readCorpus(folder);
  throw new Problem({
    expected: 'a corpus folder',
    found: 'nothing of that name',
    where: folder,
    next: 'Name the entries, or their folder: stackfuzz replay --corpus DIR',
  });
}

interface Group {
  readonly chosen: Subject;
  readonly stored: Stored[];
}

/** Entries of one profile, provider and release share their machines. */
function groupsOf(entries: readonly Stored[], given: Given): { groups: Group[]; unusable: string[] } {
  const groups = new Map<string, Group>();
  const unusable: string[] = [];
  for (const stored of entries) {
    const { entry } = stored;
    const names = [
      given.profile ?? entry.profile,
      given.provider ?? entry.provider,
      given.suite ?? suiteOf(entry),
    ] as const;
    try {
      const group = groups.get(names.join('\n')) ?? { chosen: subject(...names), stored: [] };
      groups.set(names.join('\n'), group);
      group.stored.push(stored);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      unusable.push(`${stored.path}: its profile cannot be used\n  ${error.message}`);
    }
  }
  return { groups: [...groups.values()], unusable };
}

interface GroupRun extends Group {
  readonly catalog: Catalog;
  readonly kind: Kind;
  readonly given: ReplayGiven;
}

/** Replays a group's entries, each machine taking the next one. */
async function replayGroup(group: GroupRun, interrupt: Interrupt, context: Context): Promise<readonly Replayed[]> {
  const { chosen, stored, given } = group;
  const { profile, provider, suite } = chosen;
  if (group.kind === 'simulator' && !isImitated(chosen)) {
    const what = suite === usualSuite ? `profile ${profile.name}` : suite;
    const all = stored.map(each => notReplayed(each, `the simulator does not imitate ${what}: --host lab`));
    for (const { path, words } of all) context.out(`${path}: ${words}`);
    return all;
  }
  const model = modelOf(group.catalog, setupOf(chosen));
  const entries = stored.length === 1 ? '1 entry' : `${stored.length} entries`;
  context.note(
    `Replaying ${entries}: profile ${profile.name}, ${provider}, on the ${group.kind}${suite === usualSuite ? '' : ` (${suite})`}.`,
  );
  const wanted = {
    kind: group.kind,
    subject: chosen,
    given: { ...given, labs: Math.min(given.labs ?? usualLabs, stored.length) },
  };
  const done = await onMachines(wanted, interrupt, context, async ({ kind, hosts, versions }) => {
    const all: Replayed[] = [];
    const waiting = [...stored];
    const work = async (host: (typeof hosts)[number]): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const keep = given.keep !== undefined;
        const { run, ...replayed } = await replayOn(model, host, next, {
          kind,
          signal: interrupt.signal,
          evidence: keep,
        });
        context.out(`${replayed.path}: ${replayed.words}`);
        if (given.keep !== undefined && run !== undefined && replayed.outcome === 'violated') {
          const { suite: _, alsoWith: __, ...known } = next.entry;
          const entry = { ...known, profile: profile.name, provider, ...suiteIn(chosen) };
          const shown = shownHere(entry, run, { host: kind, versions, operations: group.catalog.operations });
          context.out(`  kept: ${(await saveEntry(given.keep, shown, run.evidence)).path}`);
        }
        all.push(replayed);
      }
    };
    await Promise.all(hosts.map(work));
    return all;
  });
  return done ?? stored.map(each => notReplayed(each, 'no machine could be opened'));
}

function lastWords(all: readonly Replayed[], broken: number): string {
  const right = all.filter(each => each.status === exit.held).length;
  const files = broken === 0 ? '' : `, ${count(broken, 'file')} that cannot be replayed`;
  if (all.length + broken === 0) return 'There is nothing to replay.';
  return `${right} of ${all.length} came out as expected${files}.`;
}

function reportOf(
  status: Status,
  host: Kind,
  seconds: number,
  all: readonly Replayed[],
  problems: readonly string[],
): Report {
  return {
    format: 1,
    command: 'replay',
    status,
    verdict: verdictWord(status),
    host,
    seconds,
    operations: all.reduce((sum, each) => sum + each.operations, 0),
    entries: all.map(({ path, expect, outcome, words }) => ({ path, expect, outcome, words })),
    problems,
  };
}
