import { availableParallelism, totalmem } from 'node:os';
import { basename, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { mustBeWritable } from '../../corpus/store.ts';
import { bytesPerState, estimated } from '../../engine/explore/estimate.ts';
import { exploreAll } from '../../engine/explore/search.ts';
import { threads } from '../../engine/explore/threads.ts';
import { releases } from '../../hosts/lab/root/releases.ts';
import { Problem } from '../../problem.ts';
import { modelConfigOf } from '../../profiles/setup.ts';
import { exploringOn } from '../../reports/explore-progress.ts';
import { count } from '../../reports/progress.ts';
import { mustBeReportable } from '../../reports/write.ts';
import { commandLine } from '../commands.ts';
import type { Context } from '../context.ts';
import { savedTo } from '../corpora.ts';
import type { Status } from '../exit.ts';
import { examples } from '../help.ts';
import { imitationNote } from '../imitation.ts';
import { interruptible } from '../interrupt.ts';
import { beyondImitation, mustBePossible } from '../machines.ts';
import { addModels, triedCatalog } from '../models.ts';
import { addReports, ownOf, targetOf } from '../options.ts';
import { gigabytes, positive } from '../values.ts';
import { confirmed } from './explore/confirm.ts';
import { counterexamples } from './explore/counterexamples.ts';
import { type Chosen, exploredOf } from './explore/explored.ts';
import type { ExploreOptions } from './explore/options.ts';
import { concludeExploration } from './explore/report.ts';
import { dropState, keepState, readState, usualState } from './explore/state.ts';

/** A number is one of stacks; a folder of that name is ./2. */
const stacksOrPath = (text: string, before?: number | readonly string[]): number | readonly string[] =>
  /^\d+$/.test(text) ? positive(text) : [...(typeof before === 'object' ? before : []), text];

/** The default depth: every sequence of two operations, which takes seconds. */
const usualDepth = 2;

/** Up to this depth a recovery is tried from every state. */
const recoverTo = 2;

/** Milliseconds between two savings of the state of an exploration. */
const keptEvery = 30_000;

/** `stackfuzz explore`: every sequence of a number of operations, on simulated machines. */
export function addExplore(program: Command, context: Context): void {
  const names = (text: string) => text.split(',').filter(name => name !== '');
  addReports(
    addModels(
      program
        .command('explore')
        .description('do every sequence of a few operations on simulated machines, and find out when they lie'),
    ),
  )
    .addHelpText(
      'after',
      examples(
        ['explore', 'every sequence of two operations'],
        ['explore --profile hardened --depth 3', 'of three operations: takes minutes and gigabytes'],
        ['explore --operations rebuild,stop --depth 5', 'few operations, and deeper'],
        ['explore --confirm', 'then repeats the findings on lab machines'],
      ),
    )
    .option('--depth <number>', `most operations in a sequence (default: ${usualDepth})`, positive)
    .option('--profile <name|dir>', 'the way of running stacks that is tested: one that the simulator imitates')
    .option('--provider <name>', 'compose provider: docker-compose or podman-compose (default: the profile’s first)')
    .addOption(new Option('--suite <name>', 'Debian release (default: trixie)').choices(Object.keys(releases)))
    .option('--operations <names>', 'only these operations, separated by commas', names)
    .option(
      '--stacks <number|dir|file>',
      'only this number of the profile’s stacks; or a compose file of your own, or a folder of them, in their place (docs/own-stacks.md)',
      stacksOrPath,
    )
    .option('--confirm', 'repeat the findings on a lab machine, or on --host, and save what shows there')
    .option('--host <name>', 'a machine of your own, for --confirm (docs/hosts.md)')
    .option('--hosts <file>', 'file that describes machines of your own (default: stackfuzz.yaml)')
    .option('--resume <file>', 'go on where an exploration ended')
    .option('--threads <number>', 'threads that explore (default: one for each core)', positive)
    .option('--memory <size>', 'most memory to use: 500M, 6G (default: three quarters of what there is)', gigabytes)
    .option('--labs <number>', 'lab machines used side by side', positive)
    .option('--corpus <dir>', 'folder of the corpus (default: corpus)')
    .action(async (given: ExploreOptions) => context.end(await explore(given, context)));
}

async function explore(given: ExploreOptions, context: Context): Promise<Status> {
  const kept = given.resume === undefined ? null : await readState(given.resume);
  if (kept !== null) mustAgree(given, kept.chosen, kept.depth);
  const asked = targetOf(
    kept?.chosen.folder ?? kept?.chosen.profile ?? given.profile,
    kept?.chosen.provider ?? given.provider,
    given.suite,
    kept?.chosen.models ?? given.models?.map(folder => resolve(folder)),
    kept?.chosen.composeFiles ?? (typeof given.stacks === 'number' ? undefined : given.stacks),
  );
  for (const line of asked.profile.notes) context.note(line);
  const own = ownOf(given);
  const beyond = beyondImitation(asked);
  if (beyond !== null) {
    throw new Problem({
      ...beyond,
      where: 'explore',
      next: 'Search on lab machines instead: stackfuzz fuzz --host lab',
    });
  }
  const chosen: Chosen = kept?.chosen ?? {
    profile: asked.profile.name,
    ...(asked.profile.imitates === null ? {} : { folder: asked.profile.directory }),
    provider: asked.provider,
    ...(asked.models.length === 0 ? {} : { models: asked.models }),
    ...(given.operations === undefined ? {} : { operations: given.operations }),
    ...(typeof given.stacks === 'number' ? { stacks: given.stacks } : {}),
    ...(asked.stacks === undefined ? {} : { composeFiles: asked.stacks.map(path => resolve(path)) }),
  };
  const note = imitationNote(asked.profile);
  if (note !== null) context.warn(note);
  const depth = kept?.depth ?? given.depth ?? usualDepth;
  await triedCatalog(chosen.models, modelConfigOf(asked));
  const explored = await exploredOf(chosen);
  await mustBeReportable(given);
  const corpus = savedTo(given.corpus, 'lab');
  if (given.confirm) {
    if (own === undefined) mustBePossible('lab', asked);
    await mustBeWritable(corpus);
  }
  const file = given.resume ?? usualState(chosen, depth);
  const interrupt = interruptible(line => context.warn(line));
  const { operations, invariants } = explored.model;
  context.note(
    `Exploring profile ${chosen.profile} with ${chosen.provider} on simulated machines, every sequence of up to ${count(depth, 'operation')}.`,
  );
  const mostStates = await room(await estimated(explored, depth), depth, given, context);
  context.note(
    `${count(operations.size, 'operation')}, ${count(invariants.size, 'promise')}. Ctrl-C ends it early, and keeps what was done.`,
  );
  const begun = Date.now();
  const spent = process.cpuUsage();
  const crew = threads(given.threads ?? availableParallelism(), new URL('./explore/worker.js', import.meta.url), {
    chosen,
    recoverTo,
  });
  const progress =
    context.detail === 'quiet' ? { end: () => {}, stands: () => {} } : exploringOn(process.stderr, depth);
  let keptAt = Date.now();
  let keeping: Promise<void> = Promise.resolve();
  try {
    const outcome = await exploreAll({
      depth,
      crew,
      mostStates,
      signal: interrupt.signal,
      ...(kept === null ? {} : { from: kept.standing }),
      onProgress(stands, keep) {
        progress.stands(stands);
        if (Date.now() - keptAt < keptEvery) return;
        keptAt = Date.now();
        const standing = keep();
        keeping = keeping.then(() => keepState(file, { chosen, depth, standing }));
      },
    });
    progress.end();
    await keeping;
    await crew.close();
    const { user, system } = process.cpuUsage(spent);
    const time = { seconds: (Date.now() - begun) / 1000, processor: (user + system) / 1e6 };
    if (outcome.ended === 'complete') await dropState(file);
    else {
      await keepState(file, { chosen, depth, standing: outcome.standing });
      context.warn(`To go on: ${commandLine('explore', ['--resume', file])}`);
    }
    const found = await counterexamples(explored, outcome.standing.met, chosen);
    const shown =
      given.confirm === true && found.violated.length > 0 && !interrupt.urgent.aborted
        ? await confirmed(
            found.violated,
            { asked: own === undefined ? asked : { ...asked, own }, corpus, labs: given.labs },
            interrupt,
            context,
          )
        : null;
    return await concludeExploration({ outcome, found, shown, chosen, depth, time, given, explored }, context);
  } finally {
    progress.end();
    await crew.close();
    interrupt.dispose();
  }
}

/** Prints the greatest possible number of states, and returns how many fit into memory. @throws Problem where too few fit. */
async function room(
  estimates: readonly number[],
  depth: number,
  given: ExploreOptions,
  context: Context,
): Promise<number> {
  const memory = given.memory ?? 0.75 * Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  const gigabyte = (bytes: number): string => `${(bytes / 1e9).toFixed(bytes < 1e9 ? 2 : 1)} GB`;
  const states = estimates.at(-1) as number;
  const needed = states * bytesPerState;
  const fits = estimates.findLastIndex(each => each * bytesPerState <= memory);
  if (needed > memory) {
    throw new Problem({
      expected: `a depth that fits into ${gigabyte(memory)} of memory`,
      found: `one that comes to at most ${count(states, 'state')}, which take ${gigabyte(needed)}`,
      where: `--depth ${depth}`,
      next: fits > 0 ? `Take --depth ${fits}, or fewer --operations or --stacks.` : 'Give it more: --memory 6G',
    });
  }
  context.note(`At most about ${count(states, 'state')}, which take ${gigabyte(needed)} of memory.`);
  return Math.floor(memory / bytesPerState);
}

/** Flags beside --resume may only repeat those of the exploration. */
function mustAgree(given: ExploreOptions, chosen: Chosen, depth: number): void {
  const pairs = [
    ['--depth', given.depth, depth],
    ['--profile', given.profile && basename(resolve(given.profile)), chosen.profile],
    ['--provider', given.provider, chosen.provider],
    [
      '--stacks',
      typeof given.stacks === 'object' ? given.stacks.map(path => resolve(path)).join(' ') : given.stacks,
      chosen.composeFiles?.join(' ') ?? chosen.stacks,
    ],
    ['--operations', given.operations?.join(','), chosen.operations?.join(',')],
    ['--models', given.models?.map(folder => resolve(folder)).join(' '), chosen.models?.join(' ')],
  ] as const;
  for (const [flag, now, then] of pairs) {
    if (now === undefined || now === then) continue;
    throw new Problem({
      expected: `${flag} ${then ?? 'left out'}, as in the exploration that is to go on`,
      found: `${flag} ${now}`,
      where: `--resume ${given.resume}`,
      next: `Leave ${flag} out, or explore from the start without --resume.`,
    });
  }
}
