import { basename, dirname, join, relative, resolve } from 'node:path';
import type { ComposeProject } from '../../models/machine/compose-project.ts';
import type { Yaml } from '../profiles/yaml.ts';
import { type NamedFiles, namedFiles } from './named-files.ts';
import { badFile } from './problems.ts';
import { type ComposeAnswer, projectOf, type Remark } from './project.ts';
import { type Resolved, resolved } from './provider.ts';

/** A compose file that somebody wants to be run. */
export interface Given {
  /** The stack's name; null where the file or its folder say it. */
  readonly name: string | null;
  /** Its folder, and the one that nothing outside of is read. */
  readonly root: string;
  /** Compose files, later ones over earlier ones: paths below the root. */
  readonly files: readonly string[];
}

/** What became of it. */
export interface ReadStack {
  readonly name: string;
  readonly project: ComposeProject;
  /** The compose file, as it was named. */
  readonly where: string;
  /** What comes in otherwise than it is written, for a reader. */
  readonly notes: readonly string[];
}

/**
 * Reads compose files, as docker compose resolves them. Nothing else is read, and nothing is written.
 * @param version the build of the probe that stands for an image of one version.
 * @throws Problem with file and line for what cannot be run.
 */
export function readStacks(given: readonly Given[], version: string): readonly ReadStack[] {
  const all = given.map(each => ({ ...each, named: namedFiles(each.root, each.files) }));
  const answers = resolved(
    all.map(({ name, files, named }) => ({ name, files, texts: named.texts, folder: basename(named.root) })),
  );
  return all.map(({ files, named }, nth) => {
    const where = shown(join(named.root, files[0] ?? ''));
    const answer = answerOf(answers[nth] as Resolved, named, where);
    const { at } = answers[nth] as Resolved;
    const textOf = (path: string): string | null => named.texts.get(relative(at, path)) ?? null;
    const { project, remarks } = projectOf(answer, textOf, version);
    return { name: answer.name, project, where, notes: notesOf(where, project, remarks, named.yamls) };
  });
}

const shown = (path: string): string => {
  const fromHere = relative(process.cwd(), resolve(path));
  return fromHere.startsWith('..') ? path : fromHere;
};

function answerOf({ status, stdout, stderr, at }: Resolved, { root, yamls }: NamedFiles, where: string): ComposeAnswer {
  if (status === 0) return JSON.parse(stdout) as ComposeAnswer;
  const said = stderr
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('time='))
    .join('; ')
    .replaceAll(`${at}/`, '')
    .replaceAll(dirname(at), root);
  throw badFile(
    'a file that docker compose takes',
    said || `exit status ${status}`,
    placeOf(said, yamls) ?? `${where}:1`,
  );
}

/** The line that a message speaks of: the deepest of the paths in it that stands in a file. For the eye alone: nothing depends on it. */
function placeOf(said: string, yamls: readonly Yaml[]): string | null {
  const words = said.split(/[\s"':,()[\]]+/).filter(word => word !== '');
  let best: { at: string; depth: number } | null = null;
  for (const yaml of yamls) {
    for (const [nth, word] of words.entries()) {
      for (const path of [pathIn(word, yaml), pathIn(`services.${word}`, yaml)]) {
        if (path.length === 0) continue;
        const more = words.slice(nth + 1).find(next => yaml.found([...path, next]) !== undefined);
        const whole = more === undefined ? path : [...path, more];
        if (best === null || whole.length > best.depth) best = { at: yaml.at(whole), depth: whole.length };
      }
    }
  }
  return best?.at ?? null;
}

/** A path with dots in its text, as far as it stands in the file: names may hold dots too. */
function pathIn(text: string, yaml: Yaml): readonly string[] {
  const parts = text.split('.');
  const path: string[] = [];
  for (let from = 0; from < parts.length; ) {
    let to = parts.length;
    while (to > from && yaml.found([...path, parts.slice(from, to).join('.')]) === undefined) to--;
    if (to === from) break;
    path.push(parts.slice(from, to).join('.'));
    from = to;
  }
  return path;
}

/** One line on the images, and one for each thing that comes in otherwise than it is written, with its line. */
function notesOf(
  where: string,
  project: ComposeProject,
  remarks: readonly Remark[],
  yamls: readonly Yaml[],
): readonly string[] {
  const services = Object.entries(project.services);
  const moving = services.filter(([, { tag }]) => tag === 'stable').map(([name]) => name);
  const ending = services.filter(([, { ends }]) => ends !== null).map(([name, { ends }]) => `${name} with ${ends}`);
  const images = [
    `${services.length} images replaced by stand-ins`,
    ...(moving.length === 0 ? [] : [`which move: ${moving.join(', ')}`]),
    ...(ending.length === 0 ? [] : [`which end: ${ending.join(', ')}`]),
  ].join('; ');
  const lines = new Map<string, string[]>();
  for (const { path, what } of remarks) {
    const at = lineOf(path, yamls) ?? where;
    lines.set(at, [...(lines.get(at) ?? []), `${path.slice(1).join('.')}: ${what}`]);
  }
  return [`${where}: ${images}`, ...[...lines].map(([at, what]) => `${at}: ${what.join('; ')}`)];
}

/** Where a path of the project stands: in the file that has most of it. */
function lineOf(path: readonly string[], yamls: readonly Yaml[]): string | null {
  const depth = (yaml: Yaml): number => {
    const to = path.findIndex((_, nth) => yaml.found(path.slice(0, nth + 1)) === undefined);
    return to < 0 ? path.length : to;
  };
  const [best] = [...yamls].sort((one, other) => depth(other) - depth(one));
  return best === undefined || depth(best) === 0 ? null : best.at(path);
}
