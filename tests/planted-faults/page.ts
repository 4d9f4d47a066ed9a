import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { PlantedFault } from './planted.ts';

/** The measurements of one fault; each part is absent until it was measured. */
export interface Measured {
  /** Operations until the first finding of an exploration of all operations, and the promise that it breaks. */
  readonly explore?: { readonly operations: number; readonly promise: string };
  /** Operations until the first finding of a search by its schedule, by seed; null if 60 operations find nothing. */
  readonly search?: readonly (number | null)[];
  /** The same for random walks only, as before there was a schedule. */
  readonly walks?: readonly (number | null)[];
  /** The finding on a lab machine. */
  readonly lab?: string;
}

const file = fileURLToPath(new URL('../../docs/planted-faults.json', import.meta.url));

/** All measurements, by the name of the fault. */
export const measured = (): Readonly<Record<string, Measured>> =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, Measured>) : {};

/** Adds measurements of a fault. */
export function addMeasured(name: string, more: Measured): void {
  const all: Record<string, Measured> = { ...measured() };
  all[name] = { ...all[name], ...more };
  const lines = Object.keys(all)
    .sort()
    .map(each => `  ${JSON.stringify(each)}: ${JSON.stringify(all[each])}`);
  writeFileSync(file, `{\n${lines.join(',\n')}\n}\n`);
}

/** The whole text of docs/planted-faults.md. */
export function plantedPage(planted: readonly PlantedFault[], results: Readonly<Record<string, Measured>>): string {
  const lies = planted.filter(({ harmless }) => harmless === undefined);
  const harmless = planted.filter(fault => fault.harmless !== undefined);
  const searched = lies.filter(({ name }) => results[name]?.search !== undefined);
  const within = (kind: 'search' | 'walks', of: readonly PlantedFault[]): readonly number[] =>
    Array.from(
      { length: Math.max(0, ...of.map(({ name }) => results[name]?.[kind]?.length ?? 0)) },
      (_, seed) => of.filter(({ name }) => typeof results[name]?.[kind]?.[seed] === 'number').length,
    );
  const met = within('search', searched);
  const percent = (count: number): string => `${((100 * count) / searched.length).toFixed(0)} %`;
  const mean = met.reduce((sum, one) => sum + one, 0) / Math.max(1, met.length);
  const shown = lies.filter(({ name }) => results[name]?.lab !== undefined).length;
  return `# Planted faults

Would stackfuzz find a fault if there were one? Each of these is put into the scripts of the profile [hardened](../src/profiles/hardened)
and into the simulator's imitation of it, as replacements of text: one file each in
[tests/planted-faults/faults](../tests/planted-faults/faults). Only their tests know of them:

- The steps in the table show the fault, by a promise that names it; without the fault they hold. An exploration of these kinds of
  operations finds it with no fewer steps (\`tests/planted-faults/planted-faults.test.ts\`).
- On a lab machine with the faulty scripts the same steps break a promise that names it
  (\`tests/lab/planted-faults.lab.test.ts\`): shown for ${shown} of ${lies.length}.

*explore*: operations that an exploration of all operations does until it meets the first finding. *search*: the same of the
schedule of \`stackfuzz fuzz\` on the simulator, whose suspects are those of the corpus: the median of the seeds that met it within 60
operations, and how many did. Within 60 operations the seeds 11 to 20, none of which was used to tune the schedule, met
${met.join(', ')} of the ${searched.length} lies that were searched for: ${percent(mean)} on average, and ${percent(Math.min(...met))} by the worst of them.
Random walks alone, before there was a schedule, met ${within('walks', lies).join(', ')} of ${lies.length}.

| fault | what is broken | named by | shortest steps | explore | search | lab |
| --- | --- | --- | --- | --- | --- | --- |
${lies.map(fault => row(fault, results[fault.name] ?? {})).join('\n')}

## Faults that are no lies

Another measure prevents their effect, or the command reports that it failed. Nothing may be found.

| fault | what is broken | why it is no lie |
| --- | --- | --- |
${harmless.map(({ name, about, harmless: why }) => `| ${name} | ${about} | ${why} |`).join('\n')}

A fault that only a race shows, such as a lock that is not taken, is not among them: the simulator does one thing at a time.

This page is written by \`STACKFUZZ_PLANTED=measure npx vitest run --project unit tests/planted-faults/measure\`, from
[planted-faults.json](planted-faults.json).
`;
}

function row({ name, about, named, steps, provider }: PlantedFault, { explore, search, lab }: Measured): string {
  const found = (search ?? []).filter(one => one !== null).sort((one, other) => one - other);
  const median = found[Math.floor((found.length - 1) / 2)];
  return `| ${[
    name,
    about,
    named.join(', '),
    (steps.map(({ operation }) => operation).join(', ') || 'none: the first rebuild') +
      (provider === undefined ? '' : ` (${provider})`),
    explore === undefined ? `found at depth ${steps.length}` : explore.operations,
    search === undefined ? '' : `${median ?? '–'} (${found.length} of ${search.length})`,
    lab === undefined ? '' : 'shown',
  ].join(' | ')} |`;
}
