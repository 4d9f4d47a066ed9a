import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, normalize, relative } from 'node:path';
import type { ComposeProject } from '../../models/machine/compose-project.ts';
import { overlap } from '../../models/machine/subnet.ts';
import { Problem } from '../problem.ts';
import { textOf } from '../text-file.ts';
import type { Yaml } from '../yaml.ts';
import type { ComposeAnswer } from './answer.ts';
import type { GivenStack } from './find.ts';
import { type NamedFiles, namedFiles } from './named-files.ts';
import { clash, publishedIn } from './ports.ts';
import { badFile, toldPath } from './problems.ts';
import { type Around, type BindSource, projectOf, type Remark } from './project.ts';
import { type Resolved, resolved } from './provider.ts';

/** A compose file that was read. */
export interface ReadStack {
  readonly name: string;
  readonly project: ComposeProject;
  /** The compose file, as the user named it. */
  readonly where: string;
  /** What is used otherwise than it is written, for a reader. */
  readonly notes: readonly string[];
  /** What podman-compose passes over without a word, for a reader. */
  readonly ignored: readonly string[];
}

/**
 * Reads compose files as docker compose resolves them. Nothing else is read, and nothing is written.
 * @param version the build of the probe that replaces an image with a fixed version
 * @throws Problem with file and line for what cannot be run
 */
export function readStacks(given: readonly GivenStack[], version: string): readonly ReadStack[] {
  const all = given.map(each => {
    const below = relative(realpathSync(each.root), realpathSync(each.folder));
    return {
      ...each,
      below,
      named: namedFiles(
        each.root,
        each.files.map(file => join(below, file)),
      ),
    };
  });
  const answers = resolved(
    all.map(({ name, files, below, named }) => ({
      name,
      files,
      texts: named.texts,
      folder: basename(named.root) || 'root',
      below,
    })),
  );
  const placed = all.map(({ files, named, below }, nth) => {
    const answer = answers[nth] as Resolved;
    const where = toldPath(join(named.root, below, files[0] ?? ''));
    return { named, below, answer, where, whole: answerOf(answer, named, where) };
  });
  const published = new Set(publishedIn(placed.flatMap(({ whole }) => Object.values(whole.services ?? {}))));
  const stacks = placed.map(({ named, below, answer, where, whole }) => {
    const at = (path: readonly string[]): string => lineOf(path, named.yamls) ?? `${where}:1`;
    const around: Around = {
      at,
      published,
      textOf: path => named.texts.get(relative(answer.at, path)) ?? null,
      bindOf: (path, place) => bindOf(path, answer.at, named.root, below, place),
    };
    if (!stackName.test(whole.name)) {
      const found = JSON.stringify(whole.name);
      throw badFile('a name of small letters, digits, _ and -, 30 at most', found, at(['name']));
    }
    const { project, remarks } = projectOf(whole, around, version);
    const notes = notesOf(where, project, remarks, at);
    return { name: whole.name, project, where, at, notes, ignored: ignoredIn(project, at) };
  });
  mustGoTogether(stacks);
  return stacks;
}

/** The rule for a name that becomes part of the names of units, containers, networks and volumes. */
const stackName = /^[a-z0-9][a-z0-9_-]{0,29}$/;

type Placed = ReadStack & { at(path: readonly string[]): string };

/** @throws Problem for two stacks of one name, a port that two of them publish, and subnets that have addresses in common. */
function mustGoTogether(stacks: readonly Placed[]): void {
  const subnets = stacks.flatMap(({ project, at }) =>
    Object.entries(project.networks).flatMap(([name, { subnet, external }]) =>
      subnet === null || external ? [] : [{ subnet, where: at(['networks', name, 'ipam']) }],
    ),
  );
  for (const [nth, { subnet, where }] of subnets.entries()) {
    const other = subnets.slice(0, nth).find(before => overlap(subnet, before.subnet));
    if (other === undefined) continue;
    throw badFile('subnets without common addresses', `${subnet}, and ${other.subnet} in ${other.where}`, where);
  }
  for (const [nth, one] of stacks.entries()) {
    for (const other of stacks.slice(0, nth)) {
      if (one.name === other.name)
        throw badFile('stacks of different names', `${one.name}, as in ${other.where}`, one.at(['name']));
      for (const [service, { ports }] of Object.entries(one.project.services)) {
        const theirs = Object.values(other.project.services).flatMap(each => each.ports);
        const port = ports.find(each => theirs.some(their => clash(each, their)));
        if (port === undefined) continue;
        const where = one.at(['services', service, 'ports']);
        throw badFile('a port that is published once', `${port.published}, as in ${other.where}`, where);
      }
    }
  }
}

/** What is at the source of a bind mount; the provider names it by a path below its own folder. */
function bindOf(path: string, at: string, root: string, folder: string, where: string): BindSource {
  if (normalize(path) === '/') throw badFile('a mount of something less than the whole host', '/', where);
  const below = relative(at, path);
  const shownAs = relative(join(at, folder), path) || '.';
  if (below.startsWith('..')) {
    // In the view the folder's `..` contains nothing.
    return { kind: 'elsewhere', path: path.startsWith(`${dirname(at)}/`) ? shownAs : path };
  }
  const whole = join(root, below);
  if (!existsSync(whole)) return { kind: 'folder', path: shownAs };
  if (relative(root, realpathSync(whole)).startsWith('..'))
    throw badFile(`a path within ${root}`, `${below}, a link out of it`, where);
  if (!statSync(whole).isFile()) return { kind: 'folder', path: shownAs };
  try {
    return { kind: 'file', path: shownAs, text: textOf(whole, longestText) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { kind: 'file', path: shownAs, text: null };
  }
}

/** Longest file that is copied with a compose file, in bytes. */
const longestText = 65_536;

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

/**
 * The line that a message is about: that of the deepest path in the message that exists in a file. It is only for people;
 * nothing depends on it.
 */
function placeOf(said: string, yamls: readonly Yaml[]): string | null {
  const words = said.split(/[\s"':,()[\]]+/).filter(word => word !== '');
  let best: { at: string; depth: number } | null = null;
  for (const yaml of yamls) {
    for (const [nth, word] of words.entries()) {
      const ofService = pathIn(`services.${word}`, yaml);
      for (const path of [pathIn(word, yaml), ofService.length > 1 ? ofService : []]) {
        if (path.length === 0) continue;
        const more = words.slice(nth + 1).find(next => yaml.found([...path, next]) !== undefined);
        const whole = more === undefined ? path : [...path, more];
        if (best === null || whole.length > best.depth) best = { at: yaml.at(whole), depth: whole.length };
      }
    }
  }
  return best?.at ?? null;
}

/** A dotted path in a text, as far as it exists in the file: names may contain dots too. */
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

/** podman-compose 1.3 reads every key that is used here, except `configs` (facts.md F170). */
const ignoredIn = ({ configs, files = [] }: ComposeProject, at: (path: readonly string[]) => string) =>
  Object.keys(configs)
    .filter(name => !files.includes(name))
    .map(name => `${at(['configs', name])}: configs.${name}: podman-compose ignores configs: left out`);

/** One line about the images, and one, with its line number, for each thing that is used otherwise than it is written. */
function notesOf(
  where: string,
  project: ComposeProject,
  remarks: readonly Remark[],
  lineAt: (path: readonly string[]) => string,
): readonly string[] {
  const services = Object.entries(project.services);
  const moving = services.filter(([, { tag }]) => tag === 'stable').map(([name]) => name);
  const ending = services.filter(([, { ends }]) => ends !== null).map(([name, { ends }]) => `${name} with ${ends}`);
  const images = [
    `${services.length === 1 ? '1 image' : `${services.length} images`} replaced by stand-ins`,
    ...(moving.length === 0 ? [] : [`which move: ${moving.join(', ')}`]),
    ...(ending.length === 0 ? [] : [`which end: ${ending.join(', ')}`]),
  ].join('; ');
  const lines = new Map<string, Map<string, string[]>>();
  for (const { path, what } of remarks) {
    const at = lineAt(path);
    const [key, here] = [path.slice(1).join('.'), lines.get(at) ?? new Map<string, string[]>()];
    lines.set(at, here.set(key, [...(here.get(key) ?? []), what]));
  }
  const words = [...lines]
    .sort(([one], [other]) => byPlace(one, other))
    .map(([at, keys]) => {
      const each = [...keys].map(([key, what]) => `${key}: ${what.join('; ')}`);
      return `${at}: ${each.join('; ')}`;
    });
  return [`${where}: ${images}`, ...words];
}

/** By file, then by line. */
const byPlace = (one: string, other: string): number => one.localeCompare(other, 'en', { numeric: true });

/** The line of a path of the project, in the file that has the longest part of the path. */
function lineOf(path: readonly string[], yamls: readonly Yaml[]): string | null {
  const depth = (yaml: Yaml): number => {
    const to = path.findIndex((_, nth) => yaml.found(path.slice(0, nth + 1)) === undefined);
    return to < 0 ? path.length : to;
  };
  const [best] = [...yamls].sort((one, other) => depth(other) - depth(one));
  return best === undefined || depth(best) === 0 ? null : best.at(path);
}
