import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { firstWorld } from '../models/first.ts';
import type { Levers } from '../models/host.ts';
import { alike, lasting, type Observation } from '../models/observation.ts';
import type { Operation } from '../models/operation.ts';
import { picture } from '../models/picture.ts';
import type { Scenario } from '../models/scenario.ts';
import { gist, renamed, shape } from '../models/words.ts';
import type { Setup, World } from '../models/world.ts';
import type { Invariant } from '../properties/invariant.ts';
import type { Model } from './engine/types.ts';
import { Problem } from './problem.ts';

/** What is found in models/operations, models/scenarios and properties/invariants: a file there is all that it takes. */
export interface Catalog {
  readonly operations: ReadonlyMap<string, Operation>;
  readonly invariants: ReadonlyMap<string, Invariant>;
  readonly scenarios: ReadonlyMap<string, Scenario>;
}

/** The folder that holds models/ and properties/: the project's own, or dist/ once it is built. */
export const home = new URL('../', import.meta.url);

/**
 * Imports every operation, scenario and invariant below a folder.
 * @throws Problem for a file whose default export is not one.
 */
export async function loadCatalog(root: URL = home): Promise<Catalog> {
  return {
    operations: await folder<Operation>(new URL('models/operations/', root), root, operationShape),
    invariants: narrowFirst(await folder<Invariant>(new URL('properties/invariants/', root), root, invariantShape)),
    scenarios: await folder<Scenario>(new URL('models/scenarios/', root), root, scenarioShape),
  };
}

/**
 * Everything that the engine knows of a machine that runs under this set-up; of a simulated one, without the operations
 * that only a real machine can do.
 */
export function modelOf(
  catalog: Catalog,
  setup: Setup,
  kind: 'lab' | 'simulator' = 'lab',
): Model<World, Observation, Levers> {
  const first = firstWorld(setup);
  const { invariants } = catalog;
  const operations = kind === 'lab' ? catalog.operations : simulatedOf(catalog.operations);
  return {
    operations,
    invariants,
    start: () => first,
    first: { operation: 'rebuild', args: {} },
    picture,
    lasting: (seen, expected) => lasting(seen, expected?.vague),
    alike,
    shape,
    gist,
    renamed: steps => renamed(steps, first),
  };
}

const simulatedOf = (operations: Catalog['operations']): Catalog['operations'] =>
  new Map([...operations].filter(([, { labOnly }]) => labOnly === undefined));

/** Promises about the last step, then the others, then those that say of the whole machine what others say of its parts. */
const narrowFirst = (invariants: ReadonlyMap<string, Invariant>): Catalog['invariants'] =>
  new Map([...invariants].sort(([, one], [, other]) => breadth(one) - breadth(other)));

const breadth = ({ about, sweeping }: Invariant): number => (about === 'step' ? 0 : sweeping ? 2 : 1);

/** What each property of a default export must be; those with a question mark may be absent. */
type Shape = Readonly<Record<string, (value: unknown) => boolean>>;

const isFunction = (value: unknown): boolean => typeof value === 'function';
const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';

const operationShape: Shape = {
  'kind: drift or command': value => value === 'drift' || value === 'command',
  'describe: a function': isFunction,
  'choices: a function': isFunction,
  'allowed: a function': isFunction,
  'apply: a function': isFunction,
  'expected: a function': isFunction,
  'grounds?: a function': isFunction,
  'obstacles?: a function': isFunction,
  'labOnly?: why, in a sentence': isText,
  'weight?: a number above 0': value => typeof value === 'number' && value > 0 && Number.isFinite(value),
};

const invariantShape: Shape = {
  'promise: a sentence': isText,
  'from: where the promise comes from': isText,
  'about?: step': value => value === 'step',
  'sweeping?: true': value => value === true,
  'broken: a function': isFunction,
  'example: an object with `after` and `lie`': value => {
    const example = value as Invariant['example'] | null | undefined;
    return Array.isArray(example?.after) && isFunction(example.lie);
  },
};

const scenarioShape: Shape = {
  'about: a sentence': isText,
  'passes: a sentence': isText,
  'cases: a function': isFunction,
  'lacks?: words': isText,
};

async function folder<T>(url: URL, root: URL, shape: Shape): Promise<Map<string, T>> {
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
    found.set(name, await defaultExport<T>(where, root, shape));
  }
  if (found.size > 0) return found;
  throw new Problem({
    expected: 'at least one file',
    found: 'none',
    where: shown(url, root),
    next: 'Build again: npm run build',
  });
}

const isSource = (file: string): boolean => /\.[tj]s$/.test(file) && !/\.(test|d)\.[tj]s$/.test(file);

const shown = (url: URL, root: URL): string => relative(fileURLToPath(root), fileURLToPath(url));

async function defaultExport<T>(url: URL, root: URL, shape: Shape): Promise<T> {
  const found = ((await import(url.href)) as { default?: unknown }).default;
  const wrong = fault(found, shape);
  if (wrong === null) return found as T;
  throw new Problem({
    ...wrong,
    where: shown(url, root),
    next: 'Compare it with its neighbours in the same folder.',
  });
}

function fault(found: unknown, shape: Shape): { expected: string; found: string } | null {
  if (typeof found !== 'object' || found === null) {
    return { expected: 'an object as default export', found: found === undefined ? 'none' : typeof found };
  }
  const rules = Object.entries(shape).map(([rule, holds]) => ({ rule, holds, key: rule.replace(/\??:.*/, '') }));
  const stranger = Object.keys(found).find(key => !rules.some(rule => rule.key === key));
  if (stranger !== undefined) {
    return { expected: `only ${rules.map(rule => rule.key).join(', ')}`, found: `"${stranger}"` };
  }
  for (const { rule, holds, key } of rules) {
    const value = (found as Record<string, unknown>)[key];
    if (value === undefined && rule.includes('?:')) continue;
    if (!holds(value)) {
      return { expected: rule.replace('?', ''), found: value === undefined ? 'nothing' : `${typeof value}` };
    }
  }
  return null;
}
