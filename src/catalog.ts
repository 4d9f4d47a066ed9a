import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';
import { expectedObservation, shows } from '../models/expected-observation.ts';
import type { Levers } from '../models/host.ts';
import { limitsOfProfile, type MachineLimits, withinLimits } from '../models/limits.ts';
import { alike, lasting, type Observation } from '../models/observation.ts';
import type { Done, Operation } from '../models/operation.ts';
import { declarables, type Need, roles, whyNotSimulated } from '../models/role.ts';
import type { Scenario } from '../models/scenario.ts';
import { aspects } from '../models/search/aspects.ts';
import { movedTo, stackOfStep } from '../models/search/parts.ts';
import { isWhole } from '../models/search/recovery.ts';
import { gist, renamed, shape } from '../models/search/signature.ts';
import { firstWorld } from '../models/transitions/first.ts';
import type { ModelConfig, World } from '../models/world.ts';
import type { Invariant } from '../properties/invariant.ts';
import type { Model } from './engine/types.ts';
import { home } from './home.ts';
import { Problem } from './problem.ts';

/** What is found in models/operations, models/scenarios and properties/invariants: a file there is all that it takes. */
export interface Catalog {
  readonly operations: ReadonlyMap<string, Operation>;
  readonly invariants: ReadonlyMap<string, Invariant>;
  readonly scenarios: ReadonlyMap<string, Scenario>;
  /** Those that do not come with stackfuzz: `operations/NAME` → the file that holds it. */
  readonly own?: ReadonlyMap<string, string>;
}

/** What a catalog holds. */
export type KindOfModel = 'operations' | 'invariants' | 'scenarios';

/**
 * Imports every operation, scenario and invariant below a folder.
 * @throws Problem for a file whose default export is not one.
 */
export async function loadCatalog(root: URL = home): Promise<Catalog> {
  const operations = await folder<Operation>(new URL('models/operations/', root), root, operationSchema);
  const before = new Map<string, Operation>();
  for (const [name, operation] of operations) {
    mustBeUnambiguous(before, name, operation, places.get(operation) ?? name);
    before.set(name, operation);
  }
  return {
    operations,
    invariants: narrowFirst(await folder<Invariant>(new URL('properties/invariants/', root), root, invariantSchema)),
    scenarios: await folder<Scenario>(new URL('models/scenarios/', root), root, scenarioSchema),
  };
}

/**
 * Everything that the engine knows of a machine that runs under this set-up; of a simulated one, without the operations
 * that only a real machine can do; of a machine of one's own, without what is beyond its limits.
 */
export function modelOf(
  catalog: Catalog,
  setup: ModelConfig,
  kind = 'lab',
  limits?: MachineLimits,
): Model<World, Observation, Levers> {
  const first = firstWorld(setup);
  const { invariants } = catalog;
  const possible = kind === 'simulator' ? simulatedOf(catalog.operations) : catalog.operations;
  const meant = setup.lacks === undefined ? possible : withinLimits(possible, limitsOfProfile(setup.lacks)).operations;
  const operations = limits === undefined ? meant : withinLimits(meant, limits).operations;
  return {
    operations,
    invariants,
    start: () => first,
    first: { operation: 'rebuild', args: {} },
    expectedObservation,
    lasting: (seen, expected) => lasting(seen, expected?.vague),
    alike,
    shows,
    shape: (sentence, world, last) => {
      const old = underFirstName(operations, sentence, last);
      return shape(old.sentence, world, old.last);
    },
    gist: (sentence, world, last) => {
      const old = underFirstName(operations, sentence, last);
      return gist(old.sentence, world, old.last);
    },
    renamed: steps => renamed(steps, first),
    parts: {
      names: Object.keys(setup.declaration.stacks),
      of: step => stackOfStep(setup, step),
      moved: (steps, to) => movedTo(setup, steps, to),
    },
    aspects,
    isWhole,
  };
}

/** A catalog with one thing more, which lies in this file. @throws Problem where a step's name could then mean two operations. */
export function withMore(catalog: Catalog, kind: KindOfModel, name: string, what: object, file: string): Catalog {
  if (kind === 'operations') mustBeUnambiguous(catalog.operations, name, what, file);
  const own = new Map(catalog.own).set(`${kind}/${name}`, file);
  const more = { ...catalog, [kind]: new Map<string, unknown>(catalog[kind]).set(name, what), own } as Catalog;
  return { ...more, invariants: narrowFirst(more.invariants) };
}

/** What is wrong with the default export of a module of a kind; null where nothing is. */
export const faultIn = (kind: KindOfModel, found: unknown): { expected: string; found: string } | null =>
  fault(found, { operations: operationSchema, invariants: invariantSchema, scenarios: scenarioSchema }[kind]);

/** A sentence that begins with an operation's name, under the first name that it had: signatures outlive a renaming. */
function underFirstName(
  operations: Catalog['operations'],
  sentence: string,
  last: Done | undefined,
): { readonly sentence: string; readonly last: Done | undefined } {
  const name = last?.step.operation ?? '';
  const first = operations.get(name)?.formerly?.[0];
  if (last === undefined || first === undefined || !sentence.startsWith(`${name} `)) return { sentence, last };
  return {
    sentence: `${first}${sentence.slice(name.length)}`,
    last: { ...last, step: { ...last.step, operation: first } },
  };
}

/** @throws Problem where an operation's name, or one that it had, is one that another operation has or had. */
function mustBeUnambiguous(
  others: Catalog['operations'],
  name: string,
  { formerly = [] }: Pick<Operation, 'formerly'>,
  where: string,
): void {
  const taken = new Map([...others].flatMap(([other, { formerly = [] }]) => formerly.map(old => [old, other])));
  const next = 'Steps that were saved under that name would mean either: rename one of the two.';
  const successor = taken.get(name);
  if (successor !== undefined) {
    const found = `"${name}", which is what ${successor} was named before`;
    throw new Problem({ expected: 'a name that no operation has or had', found, where, next });
  }
  for (const old of formerly) {
    const other = taken.get(old);
    if (other === undefined && old !== name && !others.has(old)) continue;
    const found = other === undefined ? `"${old}", an operation that there is` : `"${old}", which ${other} had too`;
    throw new Problem({ expected: 'formerly: names that no operation has or had', found, where, next });
  }
}

const simulatedOf = (operations: Catalog['operations']): Catalog['operations'] =>
  new Map([...operations].filter(([, { needs }]) => whyNotSimulated(needs) === undefined));

/** Promises about the last step, then the others, then those that say of the whole machine what others say of its parts. */
const narrowFirst = (invariants: ReadonlyMap<string, Invariant>): Catalog['invariants'] =>
  new Map([...invariants].sort(([, one], [, other]) => breadth(one) - breadth(other)));

const breadth = ({ about, sweeping }: Invariant): number => (about === 'step' ? 0 : sweeping ? 2 : 1);

const aFunction = z.custom<(...all: never[]) => unknown>(value => typeof value === 'function', 'a function');
const text = (what: string) => z.string(what).refine(value => value.trim() !== '', what);

const operationSchema = z
  .strictObject({
    kind: z.enum(['drift', 'command'], 'drift or command'),
    role: z.enum([...new Set(Object.values(roles))], `one of ${[...new Set(Object.values(roles))].join(', ')}`),
    needs: z.array(z.enum(Object.keys(roles) as Need[]), 'a list of levers, as models/role.ts has them'),
    declares: z.enum(declarables, `one of ${declarables.join(', ')}`).optional(),
    formerly: z
      .array(z.string('names').regex(/^[a-z][a-z0-9-]*$/, 'small letters, digits and hyphens'), 'a list of names')
      .optional(),
    describe: aFunction,
    choices: aFunction,
    allowed: aFunction,
    apply: aFunction,
    expected: aFunction,
    mayFail: aFunction.optional(),
    mustFail: aFunction.optional(),
    weight: z.number('a number above 0').positive('a number above 0').optional(),
  })
  .refine(({ role, needs: [first] }) => first === undefined || roles[first] === role, {
    path: ['role'],
    message: 'the role of the first of its needs; let operation() of models/operation.ts give it',
  });

const invariantSchema = z.strictObject({
  promise: text('a sentence'),
  from: text('where the promise comes from'),
  about: z.literal('step', 'step').optional(),
  sweeping: z.literal(true, 'true').optional(),
  broken: aFunction,
  example: z.custom<Invariant['example']>(value => {
    const example = value as Partial<Invariant['example']> | null | undefined;
    return Array.isArray(example?.after) && typeof example.lie === 'function';
  }, 'an object with `after` and `lie`'),
});

const scenarioSchema = z.strictObject({
  about: text('a sentence'),
  passes: text('a sentence'),
  cases: aFunction,
  lacks: text('words').optional(),
});

async function folder<T>(url: URL, root: URL, schema: z.ZodObject): Promise<Map<string, T>> {
  const entries = await readdir(url, { withFileTypes: true, recursive: true });
  const files = entries
    .filter(entry => entry.isFile() && isSource(entry.name))
    .map(entry => ({
      name: entry.name.replace(/\.[tj]s$/, ''),
      where: pathToFileURL(join(entry.parentPath, entry.name)),
    }));
  const found = new Map<string, T>();
  // By name, whatever the folder: moving a file changes nothing that a seed draws.
  for (const { name, where } of files.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    if (found.has(name)) {
      throw new Problem({
        expected: 'one file of each name, in whatever folder',
        found: `another one named ${name}`,
        where: shown(where, root),
        next: 'Rename one of them: the name of the file is the name that steps go by.',
      });
    }
    found.set(name, await defaultExport<T>(where, root, schema));
  }
  if (found.size > 0) return found;
  throw new Problem({
    expected: 'at least one file',
    found: 'none',
    where: shown(url, root),
    next: 'Build again: npm run build',
  });
}

/** The file that a default export came from. */
const places = new WeakMap<object, string>();

const isSource = (file: string): boolean => /\.[tj]s$/.test(file) && !/\.(test|d)\.[tj]s$/.test(file);

const shown = (url: URL, root: URL): string => relative(fileURLToPath(root), fileURLToPath(url));

async function defaultExport<T>(url: URL, root: URL, schema: z.ZodObject): Promise<T> {
  const found = ((await import(url.href)) as { default?: unknown }).default;
  const wrong = fault(found, schema);
  if (wrong === null) {
    places.set(found as object, shown(url, root));
    return found as T;
  }
  throw new Problem({
    ...wrong,
    where: shown(url, root),
    next: 'Compare it with its neighbours in the same folder.',
  });
}

/** What is wrong with a default export: the first thing, in the order of the schema. */
function fault(found: unknown, schema: z.ZodObject): { expected: string; found: string } | null {
  if (typeof found !== 'object' || found === null) {
    return { expected: 'an object as default export', found: found === undefined ? 'none' : typeof found };
  }
  const { issues } = schema.safeParse(found).error ?? { issues: [] };
  const stranger = issues.find(({ code }) => code === 'unrecognized_keys');
  if (stranger?.code === 'unrecognized_keys') {
    return { expected: `only ${Object.keys(schema.shape).join(', ')}`, found: `"${stranger.keys[0]}"` };
  }
  const [issue] = issues;
  if (issue === undefined) return null;
  const key = String(issue.path[0]);
  const value = (found as Record<string, unknown>)[key];
  return { expected: `${key}: ${issue.message}`, found: value === undefined ? 'nothing' : typeof value };
}
