import { Argument, type Command } from 'commander';
import { type Catalog, type KindOfModel, modelOf } from '../../catalog.ts';
import { providersOf } from '../../corpus/entry.ts';
import { staleBecause } from '../../corpus/stale.ts';
import { readCorpus, type Stored } from '../../corpus/store.ts';
import { listProfiles, loadProfile } from '../../profiles/profile.ts';
import { setupOf } from '../../profiles/setup.ts';
import { commandLine } from '../commands.ts';
import type { Context } from '../context.ts';
import { readFrom } from '../corpora.ts';
import { exit } from '../exit.ts';
import { addModels, triedCatalog } from '../models.ts';
import { subject } from '../options.ts';

const kinds = ['operations', 'invariants', 'scenarios', 'corpus', 'profiles'] as const;

/** `stackfuzz list …`: what there is. */
export function addList(program: Command, context: Context): void {
  addModels(
    program
      .command('list')
      .description('show what there is: operations, invariants, scenarios, corpus entries or profiles'),
  )
    .addArgument(new Argument('<what>', 'what to show').choices([...kinds]))
    .option('--corpus <dir>', 'folder of the corpus (default: corpus, and corpus-simulator)')
    .action(async (what: (typeof kinds)[number], options: { corpus?: string; models?: readonly string[] }) => {
      if (what === 'profiles')
        return rows(
          context,
          listProfiles().map(name => [name, loadProfile(name).about]),
        );
      const catalog = await triedCatalog(options.models, setupOf(subject()));
      if (what === 'operations') return rows(context, withOrigin(catalog, 'operations', operations(catalog)));
      if (what === 'invariants')
        return rows(
          context,
          withOrigin(
            catalog,
            'invariants',
            [...catalog.invariants].map(([name, { promise, from }]) => [name, `${promise} (${from})`]),
          ),
        );
      if (what === 'scenarios')
        return rows(
          context,
          withOrigin(
            catalog,
            'scenarios',
            [...catalog.scenarios].map(([name, { about }]) => [name, about]),
          ),
        );
      return listCorpus(catalog, readFrom(options.corpus, 'simulator'), context);
    });
}

type Rows = readonly (readonly [string, string])[];

/** What does not come with stackfuzz says which file holds it. */
const withOrigin = ({ own }: Catalog, kind: KindOfModel, table: Rows): Rows =>
  table.map(([name, text]) => {
    const file = own?.get(`${kind}/${name}`);
    return [name, file === undefined ? text : `${text} [your own: ${file}]`];
  });

/** Each operation with an example of what it does on the first machine that it is possible on. */
function operations(catalog: Catalog): readonly (readonly [string, string])[] {
  const world = modelOf(catalog, setupOf(subject())).start();
  return [...catalog.operations].map(([name, { kind, choices, describe, labOnly }]) => {
    const [first] = choices(world);
    const example = first === undefined ? ', not possible on a fresh machine' : `, such as: ${describe(first)}`;
    return [name, `${kind}${example}${labOnly === undefined ? '' : `; lab only: ${labOnly}`}`];
  });
}

async function listCorpus(catalog: Catalog, folders: readonly string[], context: Context): Promise<void> {
  const all = await Promise.all(folders.map(readCorpus));
  const entries = all.flatMap(corpus => corpus.entries);
  const problems = all.flatMap(corpus => corpus.problems);
  rows(
    context,
    entries.map(stored => [stored.path, summary(catalog, stored)]),
  );
  for (const { path, entry, missing } of entries) {
    if (missing === undefined) continue;
    context.note(
      `${path}: its evidence is missing: ${missing}\n  A replay that shows it again writes it anew: ${commandLine('replay', [path, '--host', entry.host])}`,
    );
  }
  for (const problem of problems) context.note(problem.message);
  if (entries.length + problems.length === 0) context.note(`${folders.join(' and ')} holds no entries yet.`);
  context.end(problems.length > 0 ? exit.usage : exit.held);
}

function summary(catalog: Catalog, { entry }: Stored): string {
  const where = [
    entry.profile,
    providersOf(entry).join(' and '),
    ...(entry.suite === undefined ? [] : [entry.suite]),
  ].join(', ');
  if (!listProfiles().includes(entry.profile)) return `expected ${entry.expect} (${where})`;
  const stale = staleBecause(
    modelOf(catalog, setupOf(subject(entry.profile, entry.provider, entry.suite))),
    entry.steps,
  );
  return stale === null ? `expected ${entry.expect} (${where})` : `stale: ${stale} (${where})`;
}

function rows(context: Context, table: readonly (readonly [string, string])[]): void {
  const width = Math.max(0, ...table.map(([name]) => name.length));
  for (const [name, text] of table) context.out(`${name.padEnd(width)}  ${text}`);
}
