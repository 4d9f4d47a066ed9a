/** What programs and tests of one's own import from the package; docs/api.md has a worked example. */
import type * as fc from 'fast-check';
import type { Levers } from '../models/host.ts';
import type { Observation } from '../models/observation.ts';
import type { Step } from '../models/operation.ts';
import type { Scenario } from '../models/scenario.ts';
import type { World } from '../models/world.ts';
import type { Invariant } from '../properties/invariant.ts';
import { type Catalog, loadCatalog, modelOf } from './catalog.ts';
import { replayOn } from './cli/commands/replay/replay-one.ts';
import type { Kind } from './cli/kinds.ts';
import { type Opened, open } from './cli/machines.ts';
import { triedCatalog } from './cli/models.ts';
import { targetOf } from './cli/options.ts';
import { type Entry, parseEntry } from './corpus/entry.ts';
import { readEntries } from './corpus/store.ts';
import { plans as plansOf } from './engine/plan/arbitrary.ts';
import { planned } from './engine/plan/plan.ts';
import { runSteps } from './engine/run/run.ts';
import type { Run as AnyRun, Model } from './engine/types.ts';
import type { Suite } from './hosts/lab/index.ts';
import { Problem } from './problem.ts';
import { modelConfigOf } from './profiles/setup.ts';
import { explain } from './reports/explain.ts';

export type { Claim, Levers } from '../models/host.ts';
export type { Observation } from '../models/observation.ts';
export { type Args, type Operation, operation, type Step, type StepRecord } from '../models/operation.ts';
export type { Need, Role } from '../models/role.ts';
export { step } from '../models/scenario.ts';
export type { ModelConfig, World } from '../models/world.ts';
export type { Example } from '../properties/invariant.ts';
export type { Entry } from './corpus/entry.ts';
export type { Model, Taken, Verdict, Violation } from './engine/types.ts';
export type { Suite } from './hosts/lab/index.ts';
export { type Catalog, type Invariant, loadCatalog, Problem, type Scenario };

/** Makes a promise, a module's default export: for its types. */
export const invariant = (definition: Invariant): Invariant => definition;

/** Makes a scenario, a module's default export: for its types. */
export const scenario = (definition: Scenario): Scenario => definition;

/** Steps that were done to a machine, and how that ended. */
export type Run = AnyRun<World, Observation>;

/** What is tested, and on which machines. */
export interface TestbedOptions {
  /** `simulator` where it is left out: it runs everywhere. `lab` takes root on Debian. */
  readonly host?: Kind;
  /** A shipped profile by its name, or any other by the path of its folder; home-manager where it is left out. */
  readonly profile?: string;
  /** `docker-compose` or `podman-compose`; the profile's first where it is left out. */
  readonly provider?: string;
  /** Debian release of lab machines; trixie where it is left out. */
  readonly suite?: Suite;
  /** Compose files of your own, or folders of them, whose stacks take the place of the profile's. */
  readonly stacks?: readonly string[];
  /** Folders with operations, promises and scenarios of your own: docs/models.md. */
  readonly models?: string | readonly string[];
  /** Told, one line each, what takes long. */
  readonly say?: (line: string) => void;
  /** Ends what is under way; machines are closed by `close` all the same. */
  readonly signal?: AbortSignal;
}

/** A profile on a machine that is ready to be used, and the model of it. Whoever opens one closes it. */
export interface Testbed {
  readonly catalog: Catalog;
  readonly model: Model<World, Observation, Levers>;
  readonly kind: Kind;
  readonly profile: string;
  readonly provider: string;
  /** What is under test, by name: systemd, podman … */
  readonly versions: Readonly<Record<string, string>>;
  /** Does work with the machine, after what was asked for before it. */
  inTurn<T>(work: (host: Opened['hosts'][number], signal: AbortSignal) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * Opens a machine with a profile on it.
 * @throws Problem where the profile, the provider or the machine does not exist here.
 */
export async function openTestbed(options: TestbedOptions = {}): Promise<Testbed> {
  const { host = 'simulator', say = () => {}, signal = new AbortController().signal, models = [] } = options;
  const tested = targetOf(options.profile, options.provider, options.suite, [], options.stacks);
  const folders = typeof models === 'string' ? [models] : models;
  const catalog = await triedCatalog(folders, modelConfigOf(tested));
  const interrupt = { signal, urgent: signal, end: () => {}, dispose: () => {} };
  const opened = await open(host, tested, 1, interrupt, {
    out: say,
    note: say,
    warn: say,
    failed: say,
    detail: 'usual',
    end: () => {},
    atLeast: () => {},
  });
  const [machine] = opened.hosts as [Opened['hosts'][number]];
  let last: Promise<unknown> = Promise.resolve();
  return {
    catalog,
    model: modelOf(catalog, modelConfigOf(tested), host),
    kind: host,
    profile: tested.profile.name,
    provider: tested.provider,
    versions: opened.versions,
    inTurn(work) {
      const next = last.then(() => work(machine, signal));
      last = next.catch(() => {}); // whoever asked for it is told
      return next;
    },
    close: () => opened.close(),
  };
}

/** How plans are drawn. */
export interface PlanOptions {
  /** Most steps in a plan; 30 where it is left out. */
  readonly maxSteps?: number;
}

/** A plan by its number: the same for the same seed, catalog and profile. Nothing is done to a machine. */
export const plan = (
  { model }: Pick<Testbed, 'model'>,
  { seed, index = 0, maxSteps = 30 }: PlanOptions & { readonly seed: number; readonly index?: number },
): readonly Step[] => planned(model, seed, index, { maxSteps });

/** Plans for fast-check to draw, in tests of one's own; what fails is shrunk by leaving steps out and by simpler arguments. */
export const plans = (
  { model }: Pick<Testbed, 'model'>,
  { maxSteps = 30 }: PlanOptions = {},
): fc.Arbitrary<readonly Step[]> => plansOf(model, { maxSteps });

/**
 * Does steps to a fresh machine and looks at it after each. Whatever goes wrong with the machine is a verdict
 * (`inconclusive`), never an error.
 */
export const run = (testbed: Testbed, steps: readonly Step[]): Promise<Run> =>
  testbed.inTurn((host, signal) => runSteps(testbed.model, host, steps, { signal }));

/** A run in plain sentences: what was done, which promise that broke, and what was seen; empty where all of them held. */
export const story = (testbed: Testbed, { verdict, taken }: Run): readonly string[] => {
  if (verdict.kind === 'inconclusive') return [`Nothing can be said: ${verdict.reason}`];
  if (verdict.kind === 'held') return [];
  const { kind, profile, provider } = testbed;
  return explain(testbed.catalog.operations, verdict.violation, taken, { host: kind, profile, provider });
};

/** What came of an entry of a corpus. */
export interface ReplayResult {
  /** `violated` where the promise was broken again, `other` where another one was. */
  readonly outcome: 'violated' | 'other' | 'held' | 'stale' | 'inconclusive' | 'not applicable';
  /** Whether that is what the entry expects. */
  readonly asExpected: boolean;
  /** The same as a sentence. */
  readonly words: string;
}

/**
 * Does an entry of a corpus again, whatever profile it was found with, on fresh machines of this testbed.
 * @param entry the path of its file, or what it holds.
 * @throws Problem where it is none.
 */
export async function replay(testbed: Testbed, entry: string | Entry): Promise<ReplayResult> {
  const { path, known } = await read(entry);
  const { outcome, words, status } = await testbed.inTurn((host, signal) =>
    replayOn(testbed.model, host, { path, entry: known }, { kind: testbed.kind, signal }),
  );
  return { outcome, words, asExpected: status === 0 };
}

async function read(entry: string | Entry): Promise<{ path: string; known: Entry }> {
  // Checked again: what a program hands over may be anything.
  if (typeof entry !== 'string') return { path: 'entry', known: parseEntry(JSON.stringify(entry), 'replay(entry)') };
  const { entries, problems } = await readEntries([entry]);
  const [stored] = entries;
  if (stored === undefined) throw problems[0];
  return { path: stored.path, known: stored.entry };
}
