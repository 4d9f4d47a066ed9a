import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { basename, dirname, join, normalize, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ownStack } from '../../models/machine/own-stack.ts';
import { unitOf } from '../../models/machine/search-path.ts';
import type { Provider } from '../../models/machine/traits.ts';
import { Problem } from '../problem.ts';
import { composeFilesIn } from '../stacks/find.ts';
import { type ReadStack, readStacks } from '../stacks/read.ts';
import { refused } from '../yaml.ts';
import { mustBeExecutable, mustSayOutcomes } from './folder.ts';
import { layersOf } from './layers.ts';
import { withPackages } from './own-packages.ts';
import { render } from './render.ts';
import { type ComposeStack, parseProfile } from './schema.ts';
import { didYouMean } from './suggestion.ts';
import type { Profile } from './types.ts';
import { faultInUnit } from './unit-text.ts';

const here = dirname(fileURLToPath(import.meta.url));

/** The folders of the shipped profiles are in the sources, also if this module runs from dist/. */
const shipped = (from = here): string =>
  existsSync(join(from, 'package.json')) || dirname(from) === from
    ? join(from, 'src', 'profiles')
    : shipped(dirname(from));

/** The names of the profiles that ship with stackfuzz. */
export const listProfiles = (): readonly string[] =>
  readdirSync(shipped())
    .filter(name => existsSync(join(shipped(), name, 'profile.yaml')))
    .sort();

/**
 * Reads a shipped profile by its name, or any other by the path of its folder.
 * @param stacks compose files, or folders of them, whose stacks replace those of the profile
 * @param packages closures of activation packages of Home Manager's, which are run instead of the profile's own scripts
 * @throws Problem if there is none, or if it is not in the form that docs/profiles.md describes
 */
export function loadProfile(
  nameOrDirectory: string,
  stacks: readonly string[] = [],
  packages: readonly string[] = [],
): Profile {
  const profile = loaded(nameOrDirectory);
  const own = packages.length === 0 ? profile : withPackages(profile, packages, shipped(), stacks.length > 0);
  return stacks.length === 0 ? own : withStacks(mustRunCompose(own), stacks);
}

/** @throws Problem if podman alone runs the stacks: then no compose file is read. */
function mustRunCompose(profile: Profile): Profile {
  if (!profile.providers.includes('podman')) return profile;
  throw new Problem({
    expected: 'a profile that runs compose files, for compose files of your own',
    found: `${profile.name}, whose containers podman runs without compose`,
    where: '--stacks',
    next: 'Name another profile, such as home-manager, or leave out --stacks.',
  });
}

/** The same profile with the stacks of these compose files only. @throws Problem */
function withStacks(profile: Profile, paths: readonly string[]): Profile {
  const read = readStacks(composeFilesIn(paths), profile.versions[0] ?? '');
  const stacks = read.map(({ name, project }) => [name, { revision: 1, ...ownStack(name, project) }] as const);
  const given = {
    ...profile,
    declaration: { revision: 1, stacks: Object.fromEntries(stacks) },
    notes: [...profile.notes, ...read.flatMap(({ notes }) => notes)],
    ignored: read.flatMap(({ ignored }) => ignored),
  };
  for (const provider of given.providers) unitsMustLoad(given, provider);
  return given;
}

function loaded(nameOrDirectory: string): Profile {
  const directory = find(nameOrDirectory);
  const file = join(directory, 'profile.yaml');
  try {
    const { yaml, files } = layersOf(directory, extended);
    mustSayOutcomes(files.values());
    const form = parseProfile(yaml, (stacks, versions) => ownStacks(files, directory, stacks, versions));
    if (form.imitates !== null && !listProfiles().includes(form.imitates)) {
      const like = didYouMean(form.imitates, listProfiles());
      throw refused(
        `imitates to name one of ${listProfiles().join(', ')}`,
        `${form.imitates}${like}`,
        yaml.at(['imitates']),
      );
    }
    for (const template of Object.values(form.templates)) mustStand(files, directory, template, file);
    for (const [name, command] of Object.entries(form.commands))
      mustBeExecutable(files, directory, command, `${file}, commands.${name}`);
    const profile = { name: basename(directory), directory, files, ...form };
    for (const provider of profile.providers) unitsMustLoad(profile, provider);
    return profile;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (error instanceof Problem || code === undefined) throw error;
    const next = 'docs/profiles.md says what a profile folder holds';
    const where = (error as NodeJS.ErrnoException).path ?? directory;
    throw new Problem({ expected: 'a file of the profile', found: `one that cannot be read (${code})`, where, next });
  }
}

/** The stacks that are declared by own compose files, in the profile's folder or in one that it extends. */
const ownStacks = (
  files: Profile['files'],
  directory: string,
  stacks: readonly ComposeStack[],
  versions: readonly string[],
): readonly ReadStack[] =>
  readStacks(
    stacks.map(({ name, file }) => {
      const path = files.get(normalize(file)) ?? join(directory, file);
      return { name, folder: dirname(path), root: dirname(path), files: [basename(path)] };
    }),
    versions[0] ?? '',
  );

/** The rule for the folder's name, which becomes a part of file names, and is printed. */
const folderName = /^[A-Za-z0-9][\w.-]{0,50}$/;

/** Renders the templates for the first declaration, and checks the units: an unknown placeholder throws. */
function unitsMustLoad(profile: Profile, provider: Provider): void {
  const rendered = Object.entries(render(profile, profile.declaration, provider));
  for (const [path, text] of rendered) {
    const fault = path.endsWith('.service') ? faultInUnit(text) : null;
    if (fault === null) continue;
    throw new Problem({
      expected: `${fault.expected} in ${path}`,
      found: fault.found,
      where: `${templateOf(profile, path)}:${fault.line}`,
      next: 'correct the template: systemd would not load the unit (man systemd.syntax)',
    });
  }
  for (const [name, { revision }] of Object.entries(profile.declaration.stacks)) {
    const unit = rendered.find(([path]) => basename(path) === unitOf(name));
    if (unit === undefined) {
      throw new Problem({
        expected: `a template that becomes the unit ${unitOf(name)}`,
        found: Object.keys(profile.templates).join(', ') || 'none',
        where: `${join(profile.directory, 'profile.yaml')}, templates`,
        next: 'write  units/{{unit}}: stack.service',
      });
    }
    const [path, text] = unit;
    const fault = markFault(text, revision);
    if (fault === null) continue;
    throw new Problem({
      expected: fault,
      found: 'none',
      where: templateOf(profile, path),
      next: 'write  Environment=STACK_REVISION={{revision}} STACK_MARKER=declared  in [Service]: it tells one definition from another',
    });
  }
}

/** What the unit of a stack lacks to show which definition it has; null if nothing. */
function markFault(text: string, revision: number): string | null {
  const settings = text.split('\n').filter(line => /^\s*Environment\s*=/.test(line));
  const has = (setting: string) => settings.some(line => line.split(/[\s="']+(?=STACK_)|["'\s]+/).includes(setting));
  if (!has(`STACK_REVISION=${revision}`)) return 'Environment=STACK_REVISION={{revision}} in the unit of a stack';
  return has('STACK_MARKER=declared') ? null : 'Environment=STACK_MARKER=declared in the unit of a stack';
}

/** The template file of a rendered path. */
function templateOf({ directory, files, templates }: Profile, path: string): string {
  const template = Object.entries(templates).find(([to]) => matches(to, path))?.[1] ?? path;
  return files.get(template) ?? join(directory, template);
}

/** Whether a path is a rendered form of a pattern with placeholders. */
const matches = (pattern: string, path: string): boolean => {
  const parts = pattern.split(/\{\{[^}]*\}\}/);
  return path.startsWith(parts[0] ?? '') && path.endsWith(parts.at(-1) ?? '');
};

/** The folder of the profile that another one extends: a shipped one by its name, any other by its path, relative to that one. */
function extended(name: string, from: string, where: string): string {
  const isName = /^[\w-]+$/.test(name);
  const directory = isName ? join(shipped(), name) : resolve(from, name);
  if (hasEntry(join(directory, 'profile.yaml'))) return directory;
  const like = isName ? didYouMean(name, listProfiles()) : '';
  const expected = `extends to name one of ${listProfiles().join(', ')}, or the path of a folder with a profile.yaml`;
  throw refused(expected, `${name}${like}`, where);
}

function find(nameOrDirectory: string): string {
  const isName = /^[\w-]+$/.test(nameOrDirectory);
  const directory = isName ? join(shipped(), nameOrDirectory) : resolve(nameOrDirectory);
  const isThere = nameOrDirectory !== '' && hasEntry(join(directory, 'profile.yaml'));
  if (isThere && !folderName.test(basename(directory))) {
    throw new Problem({
      expected: 'a profile whose folder has a name of letters, digits, dots, - and _, 51 at most',
      found: JSON.stringify(basename(directory)),
      where: '--profile',
      next: 'rename the folder',
    });
  }
  if (isThere) return directory;
  const like = isName ? didYouMean(nameOrDirectory, listProfiles()) : '';
  throw new Problem({
    expected: isName ? `one of ${listProfiles().join(', ')}, or the path of a folder` : 'a folder with a profile.yaml',
    found: `${existsSync(directory) ? 'a folder without profile.yaml' : 'nothing of that name'}${like}`,
    where: `--profile ${/\p{Cc}/u.test(nameOrDirectory) ? JSON.stringify(nameOrDirectory) : nameOrDirectory}`,
    next: isName
      ? `type a name from the list, or ./${nameOrDirectory} for a folder of your own (docs/profiles.md)`
      : 'docs/profiles.md says what a profile folder holds',
  });
}

/** Whether there is an entry of that name, even if it is a dangling link. */
function hasEntry(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false; // the name is too long, or the folder may not be read: nothing that can be read
  }
}

function mustStand(files: Profile['files'], directory: string, template: string, file: string): void {
  if (files.has(normalize(template))) return;
  const path = join(directory, template);
  throw new Problem({
    expected: `the template file ${template} beside it`,
    found: existsSync(path) ? 'something that is no file' : 'no such file',
    where: file,
    next: `write ${path}, or take it out of templates`,
  });
}
