import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { currentSignature, type Entry, providersOf, suiteOf } from '../corpus/entry.ts';
import { codeOf } from '../files.ts';
import { Problem } from '../problem.ts';
import { readYaml, type Yaml } from '../yaml.ts';

/** The file of a corpus folder that says which risks are accepted. */
const waiversFile = 'waivers.yaml';

const text = z.string().trim().min(1);

const form = z.array(
  z
    .strictObject({
      /** What is waived: one finding, or all that a promise says. */
      signature: text.transform(currentSignature).optional(),
      promise: text.optional(),
      /** Where; everywhere, as far as a key is absent. */
      profile: text.optional(),
      provider: text.optional(),
      suite: text.optional(),
      /** The kind of machine: lab, simulator, or the name of one. */
      host: text.optional(),
      /** The one stack that the steps of the finding are about. */
      stack: text.optional(),
      reason: text,
      owner: text,
      /** The last day on which it holds. */
      until: z.iso.date(),
    })
    .refine(({ signature, promise }) => (signature === undefined) !== (promise === undefined), {
      error: 'expected either signature or promise',
    }),
);

/** A risk that somebody accepted, until a day. */
export type Waiver = z.infer<typeof form>[number] & {
  /** `file:line`. */
  readonly where: string;
};

/** What waivers are asked about. */
export type Waivable = Pick<
  Entry,
  'invariant' | 'signature' | 'profile' | 'provider' | 'alsoWith' | 'suite' | 'host' | 'steps'
>;

/**
 * The waivers of a corpus folder; none where there is no such file.
 * @throws Problem with file and line for one that says too little, or names what nobody has ever seen.
 */
export async function readWaivers(
  folder: string,
  known: { readonly entries: readonly Waivable[]; readonly invariants: ReadonlyMap<string, unknown> },
): Promise<readonly Waiver[]> {
  const file = join(folder, waiversFile);
  const written = await textOf(file);
  if (written === undefined) return [];
  const yaml = readYaml(written, file);
  const checked = form.safeParse(yaml.value ?? []);
  if (!checked.success) throw wrong(yaml, checked.error.issues[0] as z.core.$ZodIssue);
  const waivers = checked.data.map((waiver, index) => ({ ...waiver, where: yaml.at([index]) }));
  for (const [index, waiver] of waivers.entries()) mustBeKnown(waiver, yaml.at([index, keyOf(waiver)]), known);
  return waivers;
}

const keyOf = ({ signature }: Waiver): string => (signature === undefined ? 'promise' : 'signature');

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw new Problem({
      expected: 'a file of waivers',
      found: `one that cannot be read (${codeOf(error)})`,
      where: file,
      next: 'Make it readable, or take it away.',
    });
  }
}

function wrong(yaml: Yaml, { path, message }: z.core.$ZodIssue): Problem {
  const [index, key] = path;
  const what = key === undefined ? '' : `${String(key)}: `;
  return new Problem({
    expected: 'a list of waivers, each with signature or promise, reason, owner and until (YYYY-MM-DD)',
    found: `${what}${message}`,
    where: yaml.at(index === undefined ? [] : path),
    next: 'Correct that line; corpus/README.md describes each key.',
  });
}

function mustBeKnown(
  waiver: Waiver,
  where: string,
  { entries, invariants }: { readonly entries: readonly Waivable[]; readonly invariants: ReadonlyMap<string, unknown> },
): void {
  const { signature, promise } = waiver;
  if (signature !== undefined && !entries.some(entry => entry.signature === signature)) {
    throw new Problem({
      expected: 'the signature of an entry of the corpus',
      found: `"${signature}", which no entry has`,
      where,
      next: 'Copy it from the entry: stackfuzz list corpus shows them. Where the entry is gone, take the waiver away.',
    });
  }
  if (promise !== undefined && !invariants.has(promise)) {
    throw new Problem({
      expected: 'the name of a promise',
      found: `"${promise}"`,
      where,
      next: 'stackfuzz list invariants shows their names.',
    });
  }
}

/** Whether every step that names a stack names this one, and one does. */
function isAboutOnly(stack: string, { steps }: Waivable): boolean {
  const named = steps.flatMap(({ args }) => (args.stack === undefined ? [] : [args.stack]));
  return named.length > 0 && named.every(each => each === stack);
}

/** Whether a waiver speaks of a finding, today or not. */
export const covers = (waiver: Waiver, found: Waivable): boolean =>
  (waiver.signature === undefined || waiver.signature === found.signature) &&
  (waiver.promise === undefined || waiver.promise === found.invariant) &&
  (waiver.profile === undefined || waiver.profile === found.profile) &&
  (waiver.suite === undefined || waiver.suite === suiteOf(found)) &&
  (waiver.host === undefined || waiver.host === found.host) &&
  (waiver.stack === undefined || isAboutOnly(waiver.stack, found)) &&
  (waiver.provider === undefined || providersOf(found).includes(waiver.provider));

/** Whether it holds no longer: the day named is the last one, wherever one is. */
export const hasExpired = ({ until }: Pick<Waiver, 'until'>, now: Date): boolean =>
  now.getTime() >= Date.parse(`${until}T00:00:00Z`) + 36 * 60 * 60 * 1000;

/** The waiver that a finding is covered by today. */
export const waiverOf = (waivers: readonly Waiver[], found: Waivable, now: Date): Waiver | undefined =>
  waivers.find(waiver => covers(waiver, found) && !hasExpired(waiver, now));

/** What a report says of waivers that ask for something to be done: loud, and first. */
export function warnings(
  waivers: readonly Waiver[],
  entries: readonly (Waivable & Pick<Entry, 'expect'>)[],
  now: Date,
): readonly string[] {
  return waivers.flatMap(waiver => {
    const { where, owner, until } = waiver;
    const needed = entries.some(entry => entry.expect === 'violated' && covers(waiver, entry));
    return [
      ...(hasExpired(waiver, now) ? [`WAIVER EXPIRED on ${until}, so it waives nothing: ${where} (${owner})`] : []),
      ...(needed ? [] : [`WAIVER NO LONGER NEEDED, nothing that it covers is expected any more: ${where} (${owner})`]),
    ];
  });
}

/** One waiver as it is told beside what it waives. */
export const waiverWords = ({ until, owner, reason, where }: Waiver): string =>
  `waived until ${until} by ${owner}, because ${reason} (${where})`;
