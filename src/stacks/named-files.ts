import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { textOf } from '../text-file.ts';
import { readYaml, type Yaml } from '../yaml.ts';
import { badFile, toldPath } from './problems.ts';

/** A compose file, and every file that it names and that its provider has to read; no other file is read. */
export interface NamedFiles {
  /** The folder that contains all of them: absolute, without links. */
  readonly root: string;
  /** Paths below it → text. */
  readonly texts: ReadonlyMap<string, string>;
  /** The compose files among them, parsed, to find lines for messages. */
  readonly yamls: readonly Yaml[];
}

/** Longest file that is read, in bytes: compose files of thousands of lines are shorter. */
const longest = 524_288;
/** Most files that one compose file may name. */
const mostFiles = 200;

/** The file in which compose looks for values of variables. */
const variablesFile = '.env';

/**
 * Reads the compose files of one project, and the files that they name by include, extends, env_file, label_file and configs.
 * @param root a folder; nothing outside of it is read
 * @param files paths below it
 * @throws Problem with file and line for a path that leads out of it, and for what cannot be read
 */
export function namedFiles(root: string, files: readonly string[]): NamedFiles {
  const here = realpathSync(root);
  const texts = new Map<string, string>();
  const yamls: Yaml[] = [];
  const variables = new Map<string, string>();

  const take = (path: string, where: string, isNeeded: boolean): string | null => {
    const below = within(here, path, where);
    const known = texts.get(below);
    if (known !== undefined) return known;
    const whole = join(here, below);
    if (!existsSync(whole)) {
      if (isNeeded) throw badFile('a file that is there', `no ${below}`, where);
      return null;
    }
    if (!statSync(whole).isFile()) throw badFile('a file', `${below}, which is none`, where);
    within(here, realpathSync(whole), where);
    if (texts.size >= mostFiles) throw badFile(`at most ${mostFiles} files`, 'more', where);
    const text = textOf(whole, longest);
    texts.set(below, text);
    return text;
  };

  const takeCompose = (path: string, where: string, base = dirname(path)): void => {
    const isNew = !texts.has(relative(here, resolve(here, path)));
    const text = take(path, where, true) ?? '';
    if (!isNew) return;
    takeVariables(join(base, variablesFile));
    const yaml = readYaml(text, toldPath(join(here, path)), 'docs/own-stacks.md', composeYaml);
    yamls.push(yaml);
    for (const { path: named, at, kind, base: other, isNeeded } of namesIn(yaml)) {
      const filled = withVariables(named, variables);
      if (/^[\w+]+:\/\/|^git@|^oci:/.test(filled))
        throw badFile('a file of this folder', `${filled}, which is elsewhere`, at);
      if (kind === 'compose') takeCompose(join(base, filled), at, other === null ? undefined : join(base, other));
      else take(isAbsolute(filled) ? filled : join(base, filled), at, isNeeded);
    }
  };

  const takeVariables = (path: string): void => {
    const text = take(path, path, false) ?? '';
    for (const [, name = '', value = ''] of text.matchAll(/^\s*(?:export\s+)?(\w+)\s*=\s*["']?([^"'\n#]*)/gm))
      if (!variables.has(name)) variables.set(name, value.trim());
  };

  for (const file of files) takeCompose(file, toldPath(join(here, file)));
  return { root: here, texts, yamls };
}

/** Such files use many aliases and merge keys; the tags (!reset, !override) are compose's own. */
const composeYaml = { mostAliases: 2_000, isCompose: true } as const;

/** The path below the root. @throws Problem if it leads out of it */
function within(root: string, path: string, where: string): string {
  const below = relative(root, resolve(root, path));
  if (below === '' || below.startsWith('..') || isAbsolute(below)) {
    throw badFile(`a path within ${root}: nothing else is read`, path, where);
  }
  return below;
}

interface Named {
  readonly path: string;
  /** `file:line` */
  readonly at: string;
  readonly kind: 'compose' | 'text';
  /** The folder to which its own paths are relative; null means its own folder. */
  readonly base: string | null;
  readonly isNeeded: boolean;
}

type Tree = Readonly<Record<string, unknown>>;
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);
const tree = (value: unknown): Tree => (isTree(value) ? value : {});
const list = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];

/** The files that a compose file names and that have to be read. */
function* namesIn({ value, at }: Yaml): Generator<Named> {
  const whole = tree(value);
  const text = (path: unknown, where: readonly PropertyKey[], isNeeded = true): Named[] =>
    typeof path === 'string' ? [{ path, at: at(where), kind: 'text', base: null, isNeeded }] : [];
  for (const [nth, each] of list(whole.include).entries()) {
    const { path, env_file, project_directory } = isTree(each) ? each : { path: each };
    const where = ['include', nth];
    for (const one of list(path)) {
      const base = typeof project_directory === 'string' ? project_directory : null;
      if (typeof one === 'string') yield { path: one, at: at(where), kind: 'compose', base, isNeeded: true };
    }
    for (const one of list(env_file)) yield* text(one, where);
  }
  for (const [name, service] of Object.entries(tree(whole.services))) {
    const { extends: base, env_file, label_file } = tree(service);
    const file = tree(base).file;
    const where = ['services', name];
    if (typeof file === 'string')
      yield { path: file, at: at([...where, 'extends']), kind: 'compose', base: null, isNeeded: true };
    for (const [nth, each] of list(env_file).entries()) {
      const { path, required } = isTree(each) ? each : { path: each };
      yield* text(path, [...where, 'env_file', nth], required !== false);
    }
    for (const each of list(label_file)) yield* text(each, [...where, 'label_file']);
  }
  for (const [name, config] of Object.entries(tree(whole.configs)))
    yield* text(tree(config).file, ['configs', name, 'file']);
}

/** A path with the variables replaced that are known here: only to find the file; the provider's own result counts. */
const withVariables = (path: string, variables: ReadonlyMap<string, string>): string =>
  path.replace(/\$(?:(\w+)|\{(\w+)(?::?-([^}]*))?\})/g, (_, plain?: string, braced?: string, usual?: string) => {
    return variables.get(plain ?? braced ?? '') ?? usual ?? '';
  });
