import { z } from 'zod';
import type { Step } from '../../models/operation.ts';
import { unexplained } from '../engine/types.ts';
import { Problem } from '../problem.ts';
import { visible } from '../visible.ts';

/** The version of the form in which entries are written. */
export const format = 1;

/** Names of invariants and entries are also names of files. */
const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{0,99}$/, 'expected at most 100 small letters, digits, dots and hyphens');

/**
 * Arguments are names, numbers and places of the model. Whether an operation takes them is checked elsewhere (`staleBecause`).
 * What no operation ever takes, and what would be dangerous in a path, on a terminal or as a key, is refused here.
 */
const args = z.unknown().superRefine((value, context) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return context.addIssue('expected an object of names and values');
  }
  for (const [key, each] of Object.entries(value)) {
    const fault = faultInArgument(key, each);
    if (fault !== null) context.addIssue({ code: 'custom', message: fault, path: [key] });
  }
});

function faultInArgument(key: string, value: unknown): string | null {
  if (!/^[a-z][A-Za-z0-9]{0,39}$/.test(key) || isInherited(key)) return 'expected the name of an argument';
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return null;
  if (typeof value !== 'string') return 'expected a text, a number, true or false';
  if (value === '' || value.length > 300) return 'expected a text of 1 to 300 characters';
  if (visible(value) !== value || /[\t\n]/.test(value)) return 'expected a text without control characters';
  if (/(?:^|\/)\.\.?(?:\/|$)/.test(value)) return 'expected a path without . and ..';
  return isInherited(value) ? 'expected a name, not a word that every object has' : null;
}

/** Names that every plain object has without being given them. */
const isInherited = (name: string): boolean => name in Object.prototype;

const step = z.strictObject({ operation: name, args });

const form = z.strictObject({
  format: z.literal(format),
  /** The promise, and its sentence. */
  invariant: name,
  promise: z.string().min(1),
  /** Two violations with the same signature are the same finding. */
  signature: z.string().min(1),
  /** `violated` until it is mended, `held` from then on. */
  expect: z.enum(['violated', 'held']),
  profile: z.string().min(1),
  provider: z.string().min(1),
  /** Other compose providers with which the same steps showed the same, on the same kind of machine. */
  alsoWith: z.array(z.string().min(1)).min(1).optional(),
  /** The Debian release of the machines, if it is not trixie. */
  suite: z.string().min(1).optional(),
  /**
   * The compose files of its stacks, if they are not the profile's: as they were named, relative to the folder above the
   * corpus.
   */
  stacks: z.array(z.string().min(1).max(4_096)).min(1).optional(),
  /** The closures of activation packages that were run. */
  homeManager: z.array(z.string().min(1).max(4_096)).min(1).optional(),
  /** The kind of machine that showed it: lab, simulator, or the name of a machine. */
  host: z.string().min(1),
  /** Empty if the very first rebuild broke the promise. */
  steps: z.array(step),
  /** In how many of so many runs it showed, for a race, which proves no lie. */
  shows: z
    .strictObject({ times: z.number().int().positive(), of: z.number().int().positive() })
    .refine(({ times, of }) => times <= of, 'expected no more times than runs')
    .optional(),
  /** What was seen, one plain sentence each. */
  details: z.array(z.string()),
  /** The report for people, line by line. */
  explanation: z.array(z.string()),
  versions: z.record(z.string(), z.string()),
  found: z.strictObject({
    date: z.iso.datetime(),
    seed: z.union([z.number(), z.string()]),
    /** The machines on which the search was done, if it was last seen on others. */
    on: z.string().min(1).optional(),
    /** The number of the run in a search with that seed. */
    run: z.number().int(),
    /** Operations that were done until it was found and shrunk. */
    operations: z.number().int(),
    /** Its number of steps before it was shrunk. */
    shrunkFrom: z.number().int(),
  }),
  /** The name of the text file beside it with commands, outputs and journal. */
  evidence: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]{0,200}$/, 'expected the name of a file beside the entry')
    .optional(),
});

/** A minimal reproduction: the steps that break a promise, never a seed, and what is expected of them now. */
export type Entry = Omit<z.infer<typeof form>, 'steps' | 'evidence' | 'alsoWith' | 'stacks' | 'homeManager'> & {
  readonly steps: readonly Step[];
  readonly evidence?: string;
  readonly alsoWith?: readonly string[];
  readonly stacks?: readonly string[];
  readonly homeManager?: readonly string[];
};

/** The former name for a finding that no promise explains. Entries and waivers with it are read under today's name. */
const formerlyUnexplained = 'picture';

/** The beginning of former signatures, which had the names of two operations instead of their role. */
const formerlyOfBoot = /^([a-z-]+: )(?:reboot|power-cut) (?=claims success|failed)/;

/** A signature in today's form. */
export const currentSignature = (signature: string): string =>
  (signature.startsWith(`${formerlyUnexplained}: `)
    ? `${unexplained}${signature.slice(formerlyUnexplained.length)}`
    : signature
  ).replace(formerlyOfBoot, '$1BOOT ');

const withCurrentName = (entry: Entry): Entry => ({
  ...entry,
  invariant: entry.invariant === formerlyUnexplained ? unexplained : entry.invariant,
  signature: currentSignature(entry.signature),
});

/** The compose providers with which an entry is known to show. */
export const providersOf = ({ provider, alsoWith = [] }: Pick<Entry, 'provider' | 'alsoWith'>): readonly string[] => [
  provider,
  ...alsoWith,
];

/** The Debian release to which an entry applies. */
export const suiteOf = ({ suite = 'trixie' }: Pick<Entry, 'suite'>): string => suite;

/** Reads the text of an entry. @throws Problem if it is no JSON, has another format version, or lacks something */
export function parseEntry(text: string, where: string): Entry {
  const json = parseJson(text, where);
  const version = (json as { format?: unknown } | null)?.format;
  if (version !== undefined && version !== format) {
    throw new Problem({
      expected: `format ${format}`,
      found: `format ${JSON.stringify(version)}`,
      where,
      next: 'Another version of stackfuzz wrote it: replay it with that one, or find it again with this one.',
    });
  }
  const checked = form.safeParse(json);
  if (checked.success) return withCurrentName(checked.data as Entry);
  const issue = checked.error.issues[0];
  throw new Problem({
    expected: 'an entry as corpus/README.md describes it',
    found: `${issue?.path.join('.') || 'the whole'}: ${issue?.message}`,
    where,
    next: 'Mend that line, or delete the file and find it again.',
  });
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Problem({
      expected: 'JSON',
      found: (error as Error).message,
      where,
      next: 'Mend it by hand, or take it back from git: git checkout -- FILE',
    });
  }
}
