import { z } from 'zod';

/** The result of a run, for programs: every format of a report is made from this one form. */

const count = z.int().nonnegative();
const seconds = z.number().nonnegative();

const step = z
  .strictObject({
    operation: z.string().describe("The operation's name: stackfuzz list operations"),
    args: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).describe('Its arguments, by name'),
  })
  .meta({ id: 'step' });

const toldStep = z
  .strictObject({
    ...step.shape,
    words: z.string().describe('What was done, as a sentence'),
    kind: z.enum(['drift', 'command']).describe('Drift vouches for nothing; a command makes a claim'),
    ended: z
      .enum(['succeeded', 'failed', 'skipped', 'untold'])
      .describe('skipped: no longer possible when its turn came; untold: nobody knows, since the machine was sick'),
    status: z.int().optional().describe('Exit status of its command'),
    says: z.string().optional().describe('The reason that a failure gave'),
    mayFail: z.array(z.string()).describe('What makes a failure honest, one reason each'),
    seconds: seconds.optional().describe('From its beginning until the machine was at rest and looked at'),
  })
  .meta({ id: 'toldStep' });

/** A value that a machine shows, or that is expected of it. */
const shown = z.json();
const fields = z.record(z.string(), shown);

const machine = z
  .strictObject({
    manager: z.string().describe('State of the user manager'),
    generation: fields.describe(
      'Revisions of the generation that was asked for last, and of the one that was activated to the end',
    ),
    units: z.record(z.string(), fields).describe("What the user manager says of each stack's unit, by name"),
    files: z.record(z.string(), fields).describe('What lies in the search path, by path'),
    containers: z.record(z.string(), fields).describe('What podman says of each container, by stack/service'),
    strayTimers: z.array(z.string()).describe('Health timers whose container does not run'),
    leftovers: z
      .array(z.string())
      .describe('Networks, pods, volumes, mounts and temporary files that belong to nothing any more'),
  })
  .meta({ id: 'machine' });

const difference = z
  .strictObject({
    at: z.string().describe('Where: units["web-stack.service"].activeState'),
    expected: shown.optional().describe('Absent where nothing was expected there'),
    actual: shown.optional().describe('Absent where nothing is there'),
  })
  .meta({ id: 'difference' });

const story = z
  .strictObject({
    steps: z.array(toldStep).describe('What was done, in order'),
    before: machine.optional().describe('What the machine showed right before the first step'),
    after: machine.optional().describe('What it showed after the last one'),
    parted: z
      .strictObject({
        after: z.int().min(-1).describe('Index of the step after which it was seen; -1 is before the first'),
        fields: z.array(difference).describe('The fields in which they part'),
      })
      .optional()
      .describe(
        'The first moment at which model and machine part, field by field; absent where only a claim was false',
      ),
  })
  .meta({ id: 'story' });

const finding = z
  .strictObject({
    invariant: z.string().describe("The promise's name: stackfuzz list promises"),
    promise: z.string().describe('The promise, as a sentence'),
    signature: z
      .string()
      .describe('What tells it from other findings: the promise, and its details without names and numbers'),
    details: z.array(z.string()).describe('What was seen, one sentence each'),
    steps: z.array(step).describe('A shortest sequence that shows it on a fresh machine'),
    shows: z
      .strictObject({ times: count.describe('Runs in which it showed'), of: count.describe('Runs that were done') })
      .optional()
      .describe('Where it comes and goes: in how many of so many runs it showed'),
    also: z.array(z.string()).optional().describe('Where else the corpus says that the same was seen'),
    waiver: z.string().optional().describe('Who accepted it, until when and why'),
    known: z.boolean().optional().describe('Whether the corpus held it before'),
    entry: z.string().nullable().optional().describe('The file of the corpus that holds it; null where none does'),
    byRecovery: z.boolean().optional().describe('Whether it was met by what an operator does to get back'),
    explanation: z.array(z.string()).optional().describe('The whole of it in plain sentences, line by line'),
    story: story.optional().describe('What was done and seen, step by step'),
  })
  .meta({ id: 'finding' });

const night = z
  .strictObject({
    date: z.iso.datetime().describe('When it began'),
    verdict: z.enum(['held', 'violated', 'inconclusive']).describe('What it came to'),
    operations: count.describe('Operations done to machines'),
    seconds: seconds.optional().describe('How long it took'),
    findings: z.record(z.string(), count).describe('How often each signature was met'),
    whole: z.boolean().optional().describe('False where not all that is known was asked for'),
  })
  .meta({ id: 'night' });

/** Of each operation, how often it claimed success or failure. */
const went = z
  .strictObject({
    succeeded: count.describe('Times that it claimed success'),
    failed: count.describe('Times that it claimed a failure'),
    justified: count.optional().describe('Times that a failure would have been honest'),
    skipped: count.optional().describe('Times that it was no longer possible when its turn came'),
  })
  .meta({ id: 'went' });

const undecided = z
  .union([
    z.strictObject({
      index: z.int().describe('Number of the run in the search, from 0'),
      reason: z.string().describe('Why nothing can be said, in words'),
      cause: z.string().describe('The same in a word or two, for counting'),
    }),
    z.strictObject({
      signature: z.string().describe('A violation that was seen and could not be confirmed'),
      steps: z.array(step).describe('What had been done'),
    }),
  ])
  .meta({ id: 'undecided' });

/** The form of a report. */
export const reportForm = z.strictObject({
  format: z.literal(1).describe('The version of this form'),
  command: z
    .enum(['fuzz', 'replay', 'explore', 'scenario', 'nightly', 'audit', 'rollout'])
    .describe('The command that wrote it'),
  status: z.int().describe('Exit status: 0 held, 1 violated, 2 inconclusive, 3 usage, 255 crashed'),
  verdict: z.enum(['held', 'violated', 'inconclusive']).describe('The same in a word'),
  began: z.iso.datetime().optional().describe('When it began'),
  stackfuzz: z.string().optional().describe('The version of stackfuzz that wrote it'),
  host: z.string().describe('lab, simulator, or the name of a machine of the hosts file'),
  profile: z.string().optional().describe('The way of running stacks that was tested'),
  provider: z.string().optional().describe('The program behind podman compose'),
  suite: z.string().optional().describe('The Debian release of lab machines'),
  stacks: z
    .array(z.string())
    .optional()
    .describe('Compose files whose stacks were tested, where they are not the profile’s'),
  versions: z.record(z.string(), z.string()).optional().describe('What was under test, by name: systemd, podman …'),
  seconds: seconds.describe('How long it took'),
  operations: count.describe('Operations done to machines'),
  findings: z.array(finding).describe('Broken promises, one for each signature'),
  promises: z.record(z.string(), z.string()).optional().describe('The promises that were asked, by name'),
  coverage: z.record(z.string(), went).optional().describe('How often each operation was done, and how it went'),
  neverTried: z
    .array(z.string())
    .optional()
    .describe('Operations that were never tried on such machines, in this search or an earlier one'),
  neverSucceeded: z.array(z.string()).optional().describe('Operations that were tried and never succeeded'),
  goOn: z.string().optional().describe('What to type to go on, or to see it again'),
  ended: z.string().optional().describe('Why it ended, in words'),
  notes: z.array(z.string()).optional().describe('Whatever else a reader should see first, one sentence each'),
  inconclusive: z.array(undecided).optional().describe('Of what nothing can be said'),
  crashes: z
    .array(
      z.looseObject({
        message: z.string().describe('What it said'),
        file: z.string().nullable().optional().describe('Where its stack trace is kept; null where it could not be'),
      }),
    )
    .optional()
    .describe('Faults of stackfuzz itself'),
  nights: z.array(night).optional().describe('Earlier nights on this host, and this one'),

  // Of a search.
  runs: count.optional().describe('Of a search: sequences done, each on a fresh machine'),
  stages: z.record(z.string(), count).optional().describe('Of a search: runs of each stage of the schedule'),
  schedule: z.array(z.string()).optional().describe('Of a search: its stages, in order'),
  seed: z.int().optional().describe('Of a search: the number from which all random choices follow'),
  from: count.optional().describe('Of a search: the first run, as --from takes it'),
  next: count.optional().describe('Of a search: the run with which --from goes on'),
  once: z.array(z.string()).optional().describe('Of a search: signatures that did not show again'),
  cost: z.record(z.string(), count).optional().describe('Of a search: operations by what they were for'),

  // Of a replay.
  entries: z
    .array(
      z.strictObject({
        path: z.string().describe('Its file'),
        expect: z.enum(['violated', 'held']).describe('What the entry expects now'),
        outcome: z
          .enum(['violated', 'other', 'held', 'stale', 'inconclusive', 'not applicable'])
          .describe('What came of it; other: another promise was broken'),
        words: z.string().describe('The same as a sentence'),
        status: z.int().describe('The exit status that it adds'),
        invariant: z.string().describe('The promise that it is about'),
        waiver: z.string().optional().describe('Who accepted it, until when and why'),
        seconds: seconds.optional().describe('How long it took'),
      }),
    )
    .optional()
    .describe('Of a replay: each entry of the corpus that was asked for'),
  problems: z.array(z.string()).optional().describe('Of a replay: files that cannot be replayed'),

  // Of scenarios.
  cases: z
    .array(
      z.strictObject({
        scenario: z.string().describe('The scenario of the plan: S01 …'),
        name: z.string().describe('The name of the case'),
        ending: z
          .enum(['passed', 'failed', 'blocked', 'waived'])
          .describe('How it ended; blocked: nothing can be said'),
        reasons: z.array(z.string()).describe('What was seen, or why nothing can be said'),
        seconds: seconds.optional().describe('How long it took'),
        story: story.optional().describe('What was done and seen, step by step'),
      }),
    )
    .optional()
    .describe('Of scenarios: each case that was played'),

  // Of an exploration.
  processorSeconds: seconds.optional().describe('Of an exploration: processor time, all workers together'),
  depth: count.optional().describe('Of an exploration: operations in a sequence, at most'),
  states: count.optional().describe('Of an exploration: states that were met'),
  transitions: count.optional().describe('Of an exploration: operations that were done, each from one state'),
  levels: z
    .array(
      z.strictObject({
        states: count.describe('States met first at this depth'),
        transitions: count.describe('Operations that were done there'),
      }),
    )
    .optional()
    .describe('Of an exploration: the same for each depth, from 0'),
  never: z.array(z.string()).optional().describe('Of an exploration: operations that never succeeded'),
  neverFailed: z.array(z.string()).optional().describe('Of an exploration: operations that never failed'),
  unreached: z.array(z.string()).optional().describe('Of an exploration: interesting states that were never reached'),
  stuck: z
    .array(
      z.strictObject({
        signature: z.string().describe('What is wrong, without names and numbers'),
        steps: z.array(step).describe('How one gets there'),
        remedies: z.array(step).describe('What was tried to get back'),
      }),
    )
    .optional()
    .describe('Of an exploration: recoveries that break no promise, and lead nowhere'),
  differences: z
    .array(z.string())
    .optional()
    .describe('Of an exploration with --confirm: what lab machines showed otherwise'),
});

type Read<T> = T extends readonly (infer Item)[] ? readonly Read<Item>[] : T extends object ? ReadObject<T> : T;
type ReadObject<T> = { readonly [Key in keyof T]: Read<T[Key]> };

/** A report: what the terminal shows, for programs and later readers. */
export type Report = Read<z.infer<typeof reportForm>>;
/** A finding in a report. */
export type ReportedFinding = Report['findings'][number];
/** What was done, and what the machine showed. */
export type Story = NonNullable<ReportedFinding['story']>;
/** A step and how it ended. */
export type ToldStep = Story['steps'][number];
/** What a machine showed at one moment. */
export type ReportedMachine = NonNullable<Story['before']>;
/** A field in which model and machine differ. */
export type Difference = NonNullable<Story['parted']>['fields'][number];
/** One night of a host's history. */
export type Night = NonNullable<Report['nights']>[number];

/** The form as a JSON schema: docs/report.schema.json. */
export const reportSchema = (): object => ({
  $id: 'report.schema.json',
  title: 'A report of stackfuzz',
  ...z.toJSONSchema(reportForm),
});
