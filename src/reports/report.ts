import { z } from 'zod';

/** What a run came to, for programs: the one form behind every format in which a report is written. */

const count = z.int().nonnegative();
const seconds = z.number().nonnegative();

const step = z
  .strictObject({
    operation: z.string(),
    args: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  })
  .meta({ id: 'step' });

const toldStep = z
  .strictObject({
    ...step.shape,
    /** What was done, as a sentence. */
    words: z.string(),
    /** Drift vouches for nothing; a command makes a claim. */
    kind: z.enum(['drift', 'command']),
    /** `skipped`: no longer possible when its turn came. `untold`: nobody knows, since the machine was sick. */
    ended: z.enum(['succeeded', 'failed', 'skipped', 'untold']),
    status: z.int().optional(),
    /** The reason that a failure gave. */
    says: z.string().optional(),
    /** What makes a failure honest, one reason each. */
    mayFail: z.array(z.string()),
    /** From its beginning until the machine was at rest and looked at. */
    seconds: seconds.optional(),
  })
  .meta({ id: 'toldStep' });

/** A value that a machine shows, or that is expected of it. */
const shown = z.json();
const fields = z.record(z.string(), shown);

const machine = z
  .strictObject({
    manager: z.string(),
    /** Revisions of the generation that was asked for last, and of the one that was activated to the end. */
    generation: fields,
    units: z.record(z.string(), fields),
    files: z.record(z.string(), fields),
    containers: z.record(z.string(), fields),
    strayTimers: z.array(z.string()),
    leftovers: z.array(z.string()),
  })
  .meta({ id: 'machine' });

const difference = z
  .strictObject({
    /** Where: `units["web-stack.service"].activeState`. */
    at: z.string(),
    /** Absent where nothing was expected there. */
    expected: shown.optional(),
    /** Absent where nothing is there. */
    actual: shown.optional(),
  })
  .meta({ id: 'difference' });

const story = z
  .strictObject({
    steps: z.array(toldStep),
    /** Right before the first step. */
    before: machine.optional(),
    /** After the last one. */
    after: machine.optional(),
    /** The first moment at which model and machine part, field by field; there are none where only a claim was false. */
    parted: z
      .strictObject({
        /** Index of the step after which it was seen; -1 is before the first. */
        after: z.int().min(-1),
        fields: z.array(difference),
      })
      .optional(),
  })
  .meta({ id: 'story' });

const finding = z
  .strictObject({
    invariant: z.string(),
    promise: z.string(),
    signature: z.string(),
    /** What was seen, one sentence each. */
    details: z.array(z.string()),
    steps: z.array(step),
    /** Where it comes and goes: in how many of so many runs it showed. */
    shows: z.strictObject({ times: count, of: count }).optional(),
    /** Where else the corpus says that the same was seen. */
    also: z.array(z.string()).optional(),
    /** Who accepted it, until when and why. */
    waiver: z.string().optional(),
    /** Whether the corpus held it before. */
    known: z.boolean().optional(),
    /** The file of the corpus that holds it; null where none does. */
    entry: z.string().nullable().optional(),
    /** Whether it was met by what an operator does to get back. */
    byRecovery: z.boolean().optional(),
    /** The whole of it in plain sentences, line by line. */
    explanation: z.array(z.string()).optional(),
    story: story.optional(),
  })
  .meta({ id: 'finding' });

const night = z
  .strictObject({
    /** When it began. */
    date: z.iso.datetime(),
    verdict: z.enum(['held', 'violated', 'inconclusive']),
    operations: count,
    seconds: seconds.optional(),
    /** How often each signature was met. */
    findings: z.record(z.string(), count),
  })
  .meta({ id: 'night' });

/** Of each operation, how often it claimed success or failure. */
const went = z
  .strictObject({
    succeeded: count,
    failed: count,
    /** Times that a failure would have been honest. */
    justified: count.optional(),
    skipped: count.optional(),
  })
  .meta({ id: 'went' });

const undecided = z
  .union([
    z.strictObject({ index: z.int(), reason: z.string(), cause: z.string() }),
    z.strictObject({ signature: z.string(), steps: z.array(step) }),
  ])
  .meta({ id: 'undecided' });

/** The form of a report. */
export const reportForm = z.strictObject({
  format: z.literal(1),
  command: z.enum(['fuzz', 'replay', 'explore', 'scenario', 'nightly', 'audit', 'rollout']),
  /** Exit status and its word. */
  status: z.int(),
  verdict: z.enum(['held', 'violated', 'inconclusive']),
  /** When it began. */
  began: z.iso.datetime().optional(),
  /** The version of stackfuzz that wrote it. */
  stackfuzz: z.string().optional(),
  /** lab, simulator, or the name of a machine. */
  host: z.string(),
  profile: z.string().optional(),
  provider: z.string().optional(),
  suite: z.string().optional(),
  /** What was under test, by name. */
  versions: z.record(z.string(), z.string()).optional(),
  seconds,
  /** Operations done to machines. */
  operations: count,
  findings: z.array(finding),
  /** The promises that were asked, by name. */
  promises: z.record(z.string(), z.string()).optional(),
  coverage: z.record(z.string(), went).optional(),
  /** Operations that were never tried on such machines, in this search or an earlier one. */
  neverTried: z.array(z.string()).optional(),
  neverSucceeded: z.array(z.string()).optional(),
  /** What to type to go on, or to see it again. */
  goOn: z.string().optional(),
  /** Why it ended, in words. */
  ended: z.string().optional(),
  /** Whatever else a reader should see first, one sentence each. */
  notes: z.array(z.string()).optional(),
  /** Of what nothing can be said. */
  inconclusive: z.array(undecided).optional(),
  /** Faults of stackfuzz itself. */
  crashes: z.array(z.looseObject({ message: z.string(), file: z.string().nullable().optional() })).optional(),
  /** Earlier nights on this host, and this one. */
  nights: z.array(night).optional(),

  // Of a search.
  runs: count.optional(),
  stages: z.record(z.string(), count).optional(),
  schedule: z.array(z.string()).optional(),
  seed: z.int().optional(),
  from: count.optional(),
  next: count.optional(),
  /** Signatures that did not show again. */
  once: z.array(z.string()).optional(),
  cost: z.record(z.string(), count).optional(),

  // Of a replay.
  entries: z
    .array(
      z.strictObject({
        path: z.string(),
        expect: z.enum(['violated', 'held']),
        outcome: z.enum(['violated', 'other', 'held', 'stale', 'inconclusive', 'not applicable']),
        /** The same as a sentence. */
        words: z.string(),
        status: z.int(),
        invariant: z.string(),
        waiver: z.string().optional(),
        seconds: seconds.optional(),
      }),
    )
    .optional(),
  /** Files that cannot be replayed. */
  problems: z.array(z.string()).optional(),

  // Of scenarios.
  cases: z
    .array(
      z.strictObject({
        scenario: z.string(),
        name: z.string(),
        ending: z.enum(['passed', 'failed', 'blocked', 'waived']),
        /** What was seen, or why nothing can be said. */
        reasons: z.array(z.string()),
        seconds: seconds.optional(),
        story: story.optional(),
      }),
    )
    .optional(),

  // Of an exploration.
  processorSeconds: seconds.optional(),
  depth: count.optional(),
  states: count.optional(),
  transitions: count.optional(),
  levels: z.array(z.strictObject({ states: count, transitions: count })).optional(),
  never: z.array(z.string()).optional(),
  neverFailed: z.array(z.string()).optional(),
  unreached: z.array(z.string()).optional(),
  /** Recoveries that break no promise, and lead nowhere. */
  stuck: z.array(z.strictObject({ signature: z.string(), steps: z.array(step), remedies: z.array(step) })).optional(),
  /** What lab machines showed otherwise. */
  differences: z.array(z.string()).optional(),
});

type Read<T> = T extends readonly (infer Item)[] ? readonly Read<Item>[] : T extends object ? ReadObject<T> : T;
type ReadObject<T> = { readonly [Key in keyof T]: Read<T[Key]> };

/** A report: the same that the terminal says, for programs and for whoever reads it later. */
export type Report = Read<z.infer<typeof reportForm>>;
/** A finding in a report. */
export type ReportedFinding = Report['findings'][number];
/** What was done, and what the machine showed. */
export type Story = NonNullable<ReportedFinding['story']>;
/** A step as it went. */
export type ToldStep = Story['steps'][number];
/** What a machine showed at a moment. */
export type ReportedMachine = NonNullable<Story['before']>;
/** A field in which model and machine part. */
export type Difference = NonNullable<Story['parted']>['fields'][number];
/** One night of a host's history. */
export type Night = NonNullable<Report['nights']>[number];

/** The form as a JSON schema: docs/report.schema.json. */
export const reportSchema = (): object => ({
  $id: 'report.schema.json',
  title: 'A report of stackfuzz',
  ...z.toJSONSchema(reportForm),
});
