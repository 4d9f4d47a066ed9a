import { readdirSync, statSync } from 'node:fs';
import nodeModule from 'node:module';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Catalog, faultIn, type KindOfModel, withMore } from './catalog.ts';
import { codeInWords, codeOf } from './files.ts';
import { home } from './home.ts';
import { Problem } from './problem.ts';

const kinds: readonly KindOfModel[] = ['operations', 'invariants', 'scenarios'];

/** Words for one of a kind, for messages. */
const wordFor: Readonly<Record<KindOfModel, string>> = {
  operations: 'operation',
  invariants: 'promise',
  scenarios: 'scenario',
};

/** Milliseconds that a module is given to be imported: one that waits for ever would wait without a word. */
const patience = 20_000;

/**
 * A catalog with operations, promises and scenarios of one's own: every module below operations/, invariants/ and
 * scenarios/ of these folders.
 * @throws Problem that names the file, for one that cannot be imported, has another shape, or takes a name that is taken.
 */
export async function withOwnModels(catalog: Catalog, folders: readonly string[]): Promise<Catalog> {
  if (folders.length === 0) return catalog;
  letFind();
  let whole = catalog;
  for (const folder of folders) {
    const files = modulesIn(folder);
    for (const { kind, path, name } of files) {
      mustBeFree(whole, kind, name, path);
      whole = withMore(whole, kind, name, await imported(path, kind), path);
    }
  }
  return whole;
}

interface Module {
  readonly kind: KindOfModel;
  readonly name: string;
  /** As it is to be told: from here, where it is below here. */
  readonly path: string;
}

function modulesIn(folder: string): readonly Module[] {
  const where = `--models ${folder === '' ? "''" : folder}`;
  const next = 'docs/models.md says what such a folder holds.';
  try {
    if (folder === '' || !statSync(folder).isDirectory())
      throw new Problem({ expected: 'a folder', found: 'something else', where, next });
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem({ expected: 'a folder', found: codeInWords(codeOf(error) ?? String(error)), where, next });
  }
  const found = kinds.flatMap(kind => modulesOf(folder, kind));
  if (found.length > 0) return found;
  throw new Problem({ expected: `modules below ${kinds.join('/, ')}/`, found: 'none', where, next });
}

function modulesOf(folder: string, kind: KindOfModel): readonly Module[] {
  const below = join(folder, kind);
  if (statSync(below, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return readdirSync(below, { recursive: true, encoding: 'utf8' })
    .filter(path => /\.[cm]?[jt]s$/.test(path) && !/\.(?:test|d)\.[cm]?[jt]s$/.test(path))
    .filter(path => !/(?:^|\/)(?:node_modules|\.[^/]*)\//.test(path) && statSync(join(below, path)).isFile())
    .sort()
    .map(path => moduleAt(kind, shownPath(join(below, path))));
}

/** Names are names of files in a corpus too. */
const nameRule: Readonly<Record<KindOfModel, RegExp>> = {
  operations: /^[a-z0-9][a-z0-9.-]{0,99}$/,
  invariants: /^[a-z0-9][a-z0-9.-]{0,99}$/,
  scenarios: /^[A-Za-z][\w.-]{0,99}$/,
};

function moduleAt(kind: KindOfModel, path: string): Module {
  const [, name = '', ending = ''] = /([^/]*)\.([cm]?[jt]s)$/.exec(path) ?? [];
  if (ending.startsWith('c'))
    throw new Problem({ expected: 'an ES module', found: `.${ending}`, where: path, next: 'Name it .mjs or .mts.' });
  if (ending.endsWith('ts') && !readsTypeScript()) {
    throw new Problem({
      expected: `JavaScript (.js or .mjs), since Node ${process.versions.node} reads no TypeScript`,
      found: `.${ending}`,
      where: path,
      next: 'Take Node 22.18 or newer, compile it (npx tsc), or write .mjs with types in comments: docs/models.md.',
    });
  }
  if (nameRule[kind].test(name)) return { kind, name, path };
  throw new Problem({
    expected: 'a file name of small letters, digits, dots and hyphens: it is the name that steps go by',
    found: name,
    where: path,
    next: 'Rename the file.',
  });
}

/** Whether this Node strips types. */
const readsTypeScript = (): boolean =>
  Boolean((process.features as { readonly typescript?: string | false }).typescript);

/** A path as somebody here would type it. */
function shownPath(path: string): string {
  const short = relative('.', path);
  return short === '' || short.startsWith('..') ? resolve(path) : short;
}

function mustBeFree(catalog: Catalog, kind: KindOfModel, name: string, path: string): void {
  if (!catalog[kind].has(name)) return;
  const other = catalog.own?.get(`${kind}/${name}`);
  throw new Problem({
    expected: `a name that no ${wordFor[kind]} has yet`,
    found: `${name}, ${other === undefined ? 'which comes with stackfuzz' : `the name of ${other}`}`,
    where: path,
    next: 'Rename the file.',
  });
}

async function imported(path: string, kind: KindOfModel): Promise<object> {
  const module = await inTime(import(pathToFileURL(resolve(path)).href) as Promise<{ default?: unknown }>, path);
  const wrong = faultIn(kind, module.default);
  if (wrong === null) return module.default as object;
  throw new Problem({ ...wrong, where: path, next: `docs/models.md has an example of each ${wordFor[kind]}.` });
}

async function inTime<T>(work: Promise<T>, path: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it is not done within ${patience / 1000} s`)), patience);
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
    const line = stack.match(/file:\/\/\S*?:(\d+)(?::\d+)?\)?$/m);
    throw new Problem({
      expected: 'a module that can be imported',
      found: `one that throws: ${message}${line === null ? '' : ` (${line[0].replace(/\)$/, '')})`}`,
      where: path,
      next: `Correct it; node ${path} says more.`,
    });
  } finally {
    clearTimeout(timer);
  }
}

let isFound = false;

/** Lets such modules import `stackfuzz`, wherever they lie: always this one, and not one beside it that may differ. */
function letFind(): void {
  if (isFound) return;
  isFound = true;
  const ours = /^stackfuzz(?:\/|$)/;
  type Resolve = (specifier: string, context: object, next: (specifier: string, context: object) => unknown) => unknown;
  const hooked: Resolve = (specifier, context, next) =>
    next(specifier, ours.test(specifier) ? { ...context, parentURL: home.href } : context);
  const { registerHooks } = nodeModule as { registerHooks?: (hooks: { resolve: Resolve }) => void };
  if (registerHooks !== undefined) {
    registerHooks({ resolve: hooked });
    return;
  }
  // Node 20: hooks live in a thread of their own.
  const text = `export const resolve = (specifier, context, next) => next(specifier, ${ours}.test(specifier) ? { ...context, parentURL: ${JSON.stringify(home.href)} } : context);`;
  nodeModule.register(`data:text/javascript,${encodeURIComponent(text)}`);
}
