import { z } from 'zod';
import type { Entry } from '../../../corpus/entry.ts';
import { readCorpus } from '../../../corpus/store.ts';
import { count } from '../../../reports/progress.ts';
import { readAs } from '../../../reports/read.ts';
import { type Group, groupedByPromise, type Sighting } from '../../../triage/groups.ts';
import type { Context } from '../../context.ts';
import { exit, type Status } from '../../exit.ts';
import { acceptedIn } from '../../waiving.ts';

/** Where findings are read from, and where they are printed. */
export interface Gathering {
  readonly folders: readonly string[];
  /** Reports that searches wrote with `--json`. */
  readonly reports: readonly string[];
  readonly invariants: ReadonlyMap<string, unknown>;
}

/** Every finding of corpora and reports, each once; and how many files could not be read. */
export async function findingsIn(
  { folders, reports, invariants }: Gathering,
  context: Context,
): Promise<{ readonly groups: readonly Group[]; readonly status: Status }> {
  const accepted = await acceptedIn(folders, invariants, context);
  const corpora = await Promise.all(folders.map(readCorpus));
  const problems = corpora.flatMap(corpus => corpus.problems);
  for (const problem of problems) context.warn(problem.message);
  const stored = corpora.flatMap(corpus => corpus.entries);
  const fromEntries = stored.map(({ path, entry }): Sighting => ({ ...entry, file: path, seed: entry.found.seed }));
  const fromReports = (await Promise.all(reports.map(sightingsIn))).flat();
  const groups = groupedByPromise([...fromEntries, ...fromReports], accepted);
  return { groups, status: problems.length > 0 ? exit.usage : exit.held };
}

const step = z.object({
  operation: z.string(),
  args: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});

/** The part of a search's report that is read again. */
const form = z.object({
  format: z.literal(1),
  command: z.literal('fuzz'),
  host: z.string(),
  profile: z.string(),
  provider: z.string(),
  suite: z.string(),
  seed: z.number(),
  findings: z.array(
    z.object({
      invariant: z.string(),
      promise: z.string(),
      signature: z.string(),
      steps: z.array(step),
      shows: z.object({ times: z.number(), of: z.number() }).optional(),
    }),
  ),
});

async function sightingsIn(file: string): Promise<readonly Sighting[]> {
  const { findings, host, profile, provider, suite, seed } = form.parse(
    await readAs(file, 'a report that a search wrote', form),
  );
  const under = { host, profile, provider, ...(suite === 'trixie' ? {} : { suite }), seed, file };
  return findings.map(each => ({ ...each, ...under, expect: 'violated' as Entry['expect'] }));
}

/** Findings in words: by promise, each with where it was seen. */
export function findingLines(groups: readonly Group[]): readonly string[] {
  const promises = [...new Set(groups.map(({ invariant }) => invariant))];
  return promises.flatMap(name => {
    const all = groups.filter(({ invariant }) => invariant === name);
    return [`${name}: ${all[0]?.promise}`, ...all.flatMap(linesOf), ''];
  });
}

function linesOf({ signature, invariant, expect, sightings, hosts, profiles, providers, seeds, waivers }: Group) {
  const what = signature.startsWith(`${invariant}: `) ? signature.slice(invariant.length + 2) : signature;
  const races = sightings.flatMap(({ shows }) => (shows === undefined ? [] : [`${shows.times} of ${shows.of} runs`]));
  const state = waivers.length > 0 ? waivers.join('; ') : expect === 'held' ? 'mended' : 'open';
  return [
    `  ${what}`,
    `    ${state}${races.length === 0 ? '' : `; comes and goes, shown in ${races.join(', ')}`}`,
    `    seen ${count(sightings.length, 'time')}: ${hosts.join(', ')}; profile ${profiles.join(', ')}; ${providers.join(', ')}; seed ${seeds.join(', ')}`,
    ...sightings.map(({ file }) => `      ${file}`),
  ];
}
