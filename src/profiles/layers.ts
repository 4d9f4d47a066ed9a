import { readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { textOf } from '../text-file.ts';
import { readYaml, refused, type Yaml } from '../yaml.ts';
import { mustHoldFiles } from './folder.ts';

/** A profile's folder, with what it inherits from the profile that it extends. */
export interface Layers {
  /** The whole profile.yaml: its own keys over those of the profile that it extends. */
  readonly yaml: Yaml;
  /** Every file that is copied to a machine: its path below the folder, and where it is here. */
  readonly files: ReadonlyMap<string, string>;
}

/** The keys that decide what is inherited. */
const form = z.object({
  extends: z.string().min(1).optional(),
  without: z.array(z.string().regex(/^(?!\/)(?!.*\.\.).*[^/]$/)).default([]),
});

/** Keys whose maps are merged key by key; for any other key the profile's own value replaces the whole inherited one. */
const merged: ReadonlySet<string> = new Set(['commands', 'state', 'evidence', 'templates', 'compose']);

/** Longest profile.yaml, in bytes: deep nesting takes the parser long. */
const longest = 65_536;

/**
 * Reads a profile's folder, and those of the profiles that it extends.
 * @param folderOf the folder of the profile that `extends` names, relative to the folder of the profile.yaml in which it is
 * @throws Problem with file and line for what cannot be read, and for profiles that extend each other in a circle
 */
export function layersOf(
  directory: string,
  folderOf: (name: string, from: string, where: string) => string,
  below: readonly string[] = [],
): Layers {
  mustHoldFiles(directory);
  const file = join(directory, 'profile.yaml');
  const yaml = readYaml(textOf(file, longest), file);
  const own = filesIn(directory);
  if (!isMap(yaml.value)) return { yaml, files: own };
  const said = form.safeParse(yaml.value);
  if (!said.success) {
    const [issue] = said.error.issues;
    const isExtends = issue?.path[0] === 'extends';
    const expected = isExtends ? 'extends to name a profile' : 'without to list paths below the folder, without ..';
    throw refused(expected, JSON.stringify(yaml.value[isExtends ? 'extends' : 'without']), yaml.at(issue?.path ?? []));
  }
  const { extends: name, without } = said.data;
  if (name === undefined) {
    if (without.length > 0) throw refused('extends beside without', 'none', yaml.at(['without']));
    return { yaml, files: own };
  }
  const where = yaml.at(['extends']);
  const folder = folderOf(name, directory, where);
  const way = [...below, realpathSync(directory)];
  if (way.includes(realpathSync(folder))) {
    throw refused('profiles that extend each other without a circle', [...way, folder].join(' extends '), where);
  }
  const base = layersOf(folder, folderOf, way);
  for (const [at, path] of without.entries()) {
    if ([...base.files.keys()].some(each => isBelow(each, path))) continue;
    throw refused(`without to name files of ${name}`, path, yaml.at(['without', at]));
  }
  return { yaml: over(yaml, base.yaml), files: filesOver(own, base.files, without) };
}

/** The regular files of a folder, and links to them, without profile.yaml: by their paths below it. */
function filesIn(directory: string): ReadonlyMap<string, string> {
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
  return new Map(
    paths.map(path => [path, join(directory, path)] as const).filter(([, source]) => statSync(source).isFile()),
  );
}

/** A file of one's own replaces an inherited file or folder of that name; so does a folder. */
function filesOver(
  own: Layers['files'],
  base: Layers['files'],
  without: readonly string[],
): ReadonlyMap<string, string> {
  const paths = [...own.keys()];
  const folders = new Set(paths.flatMap(foldersAbove));
  const stays = (path: string): boolean =>
    !without.some(each => isBelow(path, each)) &&
    !folders.has(path) &&
    !own.has(path) &&
    !foldersAbove(path).some(folder => own.has(folder));
  return new Map([...base, ...own].filter(([path, source]) => own.get(path) === source || stays(path)).sort(byPath));
}

const byPath = ([one]: readonly [string, string], [other]: readonly [string, string]): number => (one < other ? -1 : 1);

const isBelow = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

const foldersAbove = (path: string): readonly string[] => {
  const folder = dirname(path);
  return folder === '.' ? [] : [folder, ...foldersAbove(folder)];
};

/** One profile.yaml over another: its own keys count, and errors in them name its lines. */
function over(own: Yaml, base: Yaml): Yaml {
  const has = (path: readonly PropertyKey[]): boolean => {
    const [first, second] = path;
    const value = (own.value as Tree)[first as string];
    if (first === undefined || value === undefined) return first === undefined;
    if (!merged.has(String(first)) || second === undefined || !isMap(value)) return true;
    return Object.hasOwn(value, second);
  };
  return {
    value: mergedOf(own.value as Tree, base.value),
    at: path => (has(path) ? own : base).at(path),
    found: path => (has(path) ? own : base).found(path),
  };
}

type Tree = Readonly<Record<string, unknown>>;

const isMap = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

function mergedOf({ extends: _, without: __, ...own }: Tree, base: unknown): Tree {
  if (!isMap(base)) return own;
  const pairs = Object.entries(own).map(([key, value]) => {
    const below = base[key];
    return [key, merged.has(key) && isMap(value) && isMap(below) ? { ...below, ...value } : value] as const;
  });
  // `imitates` is about one profile, and not inherited.
  const { imitates: ___, ...inherited } = base;
  return { ...inherited, ...Object.fromEntries(pairs) };
}
