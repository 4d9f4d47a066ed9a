import { Argument, type Command } from 'commander';
import { limitsOfProfile, reasonFor } from '../../../models/limits.ts';
import { whyNotSimulated } from '../../../models/role.ts';
import { type Catalog, type KindOfModel, modelOf } from '../../catalog.ts';
import { providersOf } from '../../corpus/entry.ts';
import { staleBecause } from '../../corpus/stale.ts';
import { readCorpus, type Stored } from '../../corpus/store.ts';
import { Problem } from '../../problem.ts';
import { listProfiles, loadProfile } from '../../profiles/profile.ts';
import { modelConfigOf } from '../../profiles/setup.ts';
import { count } from '../../reports/progress.ts';
import { mustBeReportable, writtenOrTold } from '../../reports/write.ts';
import { commandLine } from '../commands.ts';
import type { Context } from '../context.ts';
import { noteShipped, readFrom } from '../corpora.ts';
import { exit } from '../exit.ts';
import { examples } from '../help.ts';
import { addModels, triedCatalog } from '../models.ts';
import { addStacks, targetOf } from '../options.ts';
import { findingLines, findingsIn } from './list/findings.ts';

const kinds = ['operations', 'promises', 'scenarios', 'profiles', 'corpus', 'findings', 'invariants'] as const;

type Kind = (typeof kinds)[number];

interface ListGiven {
  readonly corpus?: string;
  readonly models?: readonly string[];
  readonly json?: string;
  readonly stacks?: readonly string[];
  readonly profile?: string;
}

/** `stackfuzz list …`: what there is. */
export function addList(program: Command, context: Context): void {
  addStacks(
    addModels(
      program
        .command('list')
        .description('show what there is: operations, promises, scenarios, profiles, corpus, findings'),
    ),
  )
    .addArgument(new Argument('<what>', 'what to show').choices([...kinds]))
    .argument('[report...]', 'findings: also of these reports, which searches wrote by --json')
    .option('--profile <name|dir>', 'operations: under this profile; says which do not apply, and why')
    .option('--corpus <dir>', 'folder of the corpus (default: corpus, and corpus-simulator)')
    .option('--json <file>', 'also write it as JSON; /dev/stdout prints it')
    .addHelpText(
      'after',
      examples(
        ['list operations', 'each thing that can happen to a machine, with an example'],
        ['list operations --profile quadlet', 'the same under a profile: which do not apply to it, and why'],
        ['list findings', 'what was found, each once, across runs, seeds, profiles and hosts'],
        ['list findings monday.json tuesday.json', 'the same, with what two searches reported'],
      ),
    )
    .action(async (what: Kind, reports: readonly string[], given: ListGiven) => list(what, reports, given, context));
}

async function list(what: Kind, reports: readonly string[], given: ListGiven, context: Context): Promise<void> {
  if (reports.length > 0 && what !== 'findings') {
    throw new Problem({
      expected: 'reports after `findings` alone',
      found: reports[0] ?? '',
      where: `list ${what}`,
      next: `stackfuzz list findings ${reports.join(' ')}`,
    });
  }
  await mustBeReportable({ json: given.json });
  const catalog = await triedCatalog(given.models, modelConfigOf(targetOf()));
  const folders = readFrom(given.corpus, 'simulator');
  if (what === 'corpus' || what === 'findings') noteShipped(folders, context);
  if (what === 'corpus') return listCorpus(catalog, folders, given, context);
  if (what === 'findings') return listFindings(catalog, { folders, reports }, given, context);
  const table = tableOf(what, catalog, given);
  rows(context, table);
  if (given.json !== undefined)
    await writtenOrTold(given.json, asJson(table.map(([name, about]) => ({ name, about }))), 'list', context.warn);
}

const asJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function tableOf(what: Exclude<Kind, 'corpus' | 'findings'>, catalog: Catalog, given: ListGiven): Rows {
  if (what === 'profiles') return listProfiles().map(name => [name, loadProfile(name).about]);
  if (what === 'operations') return withOrigin(catalog, 'operations', operations(catalog, given));
  if (what === 'scenarios')
    return withOrigin(
      catalog,
      'scenarios',
      [...catalog.scenarios].map(([name, { about }]) => [name, about]),
    );
  return withOrigin(
    catalog,
    'invariants',
    [...catalog.invariants].map(([name, { promise, from }]) => [name, `${promise} (${from})`]),
  );
}

async function listFindings(
  { invariants }: Catalog,
  from: { readonly folders: readonly string[]; readonly reports: readonly string[] },
  { json }: ListGiven,
  context: Context,
): Promise<void> {
  const { groups, status } = await findingsIn({ ...from, invariants }, context);
  for (const line of findingLines(groups)) context.out(line);
  const open = groups.filter(({ expect, waivers }) => expect === 'violated' && waivers.length === 0).length;
  const waived = groups.filter(({ expect, waivers }) => expect === 'violated' && waivers.length > 0).length;
  context.out(
    `${count(groups.length, 'finding')}: ${open} open, ${waived} waived, ${groups.length - open - waived} mended.`,
  );
  if (json !== undefined) await writtenOrTold(json, asJson(groups), 'list', context.warn);
  context.end(status);
}

type Rows = readonly (readonly [string, string])[];

/** For the user's own models, the file. */
const withOrigin = ({ own }: Catalog, kind: KindOfModel, table: Rows): Rows =>
  table.map(([name, text]) => {
    const file = own?.get(`${kind}/${name}`);
    return [name, file === undefined ? text : `${text} [your own: ${file}]`];
  });

/** Each operation with an example from the first world in which it is possible. */
function operations(catalog: Catalog, { profile, stacks }: ListGiven): readonly (readonly [string, string])[] {
  const setup = modelConfigOf(targetOf(profile, undefined, undefined, [], stacks));
  const world = modelOf(catalog, setup).start();
  const withoutQuadlets = { 'place quadlet': 'it has no quadlet files' };
  const limits = limitsOfProfile({ ...(setup.traits.quadlets ? {} : withoutQuadlets), ...setup.lacks });
  return [...catalog.operations].map(([name, operation]) => {
    const { kind, choices, describe, needs } = operation;
    const reason = reasonFor(name, operation, limits);
    if (reason !== null) return [name, `does not apply: ${reason}`];
    const [first] = choices(world);
    const example = first === undefined ? ', not possible on a fresh machine' : `, such as: ${describe(first)}`;
    const labOnly = whyNotSimulated(needs);
    return [name, `${kind}${example}${labOnly === undefined ? '' : `; lab only: ${labOnly}`}`];
  });
}

async function listCorpus(
  catalog: Catalog,
  folders: readonly string[],
  { json }: ListGiven,
  context: Context,
): Promise<void> {
  const all = await Promise.all(folders.map(readCorpus));
  const entries = all.flatMap(corpus => corpus.entries);
  const problems = all.flatMap(corpus => corpus.problems);
  const model = modelsFor(catalog);
  rows(
    context,
    entries.map(stored => [stored.path, summary(model, stored)]),
  );
  for (const { path, entry, missing } of entries) {
    if (missing === undefined) continue;
    context.warn(
      `${path}: its evidence is missing: ${missing}\n  A replay that shows it again writes it anew: ${commandLine('replay', [path, '--host', entry.host])}`,
    );
  }
  for (const problem of problems) context.warn(problem.message);
  if (entries.length + problems.length === 0) context.note(`${folders.join(' and ')} holds no entries yet.`);
  if (json !== undefined)
    await writtenOrTold(json, asJson(entries.map(({ path, entry }) => ({ path, ...entry }))), 'list', context.warn);
  context.end(problems.length > 0 ? exit.usage : exit.held);
}

/** The model that an entry was found with. Made once for each profile, provider and release: many entries have the same. */
function modelsFor(catalog: Catalog) {
  const made = new Map<string, ReturnType<typeof modelOf>>();
  return ({ profile, provider, suite }: Stored['entry']) => {
    const key = [profile, provider, suite].join('\n');
    const model = made.get(key) ?? modelOf(catalog, modelConfigOf(targetOf(profile, provider, suite)));
    made.set(key, model);
    return model;
  };
}

function summary(model: ReturnType<typeof modelsFor>, { entry }: Stored): string {
  const where = [
    entry.profile,
    providersOf(entry).join(' and '),
    ...(entry.suite === undefined ? [] : [entry.suite]),
    ...(entry.stacks ?? []),
  ].join(', ');
  const isElsewhere = entry.stacks !== undefined || !listProfiles().includes(entry.profile);
  if (isElsewhere) return `expected ${entry.expect} (${where})`;
  const stale = staleBecause(model(entry), entry.steps);
  return stale === null ? `expected ${entry.expect} (${where})` : `stale: ${stale} (${where})`;
}

function rows(context: Context, table: readonly (readonly [string, string])[]): void {
  const width = Math.max(0, ...table.map(([name]) => name.length));
  for (const [name, text] of table) context.out(`${name.padEnd(width)}  ${text}`);
}
