import { basename } from 'node:path';
import { Problem } from '../problem.ts';
import { type Closure, readClosure } from './closure.ts';
import type { StoreNode } from './nar.ts';

/** An activation package of an operator's own. */
export interface ActivationPackage {
  /** The closure's path, as the user wrote it. */
  readonly from: string;
  readonly closure: Closure;
  /** Home Manager's version; null if the package does not say it. */
  readonly version: string | null;
  /** The user for whom it is meant, if its activation checks that. */
  readonly user: string | null;
  readonly home: string | null;
  readonly uid: string | null;
  /** Whether its activation accepts `--driver-version`. */
  readonly takesDriverVersion: boolean;
  /** Its own user units that run a compose file. */
  readonly stacks: readonly ComposeUnit[];
  /** Its other user units. */
  readonly otherUnits: readonly string[];
  /** Files whose `onChange` is run after the links. */
  readonly onChange: number;
}

/** A unit that runs a compose file of the closure. */
export interface ComposeUnit {
  readonly unit: string;
  /** The name of the compose project. */
  readonly stack: string;
  readonly compose: { readonly path: string; readonly text: string };
  /** Texts of files beside it: name → text. */
  readonly beside: ReadonlyMap<string, string>;
}

/** The directory of units, below a tree of links. */
const unitsFolder = ['.config', 'systemd', 'user'];
/** Most links that lead to each other, as on Linux. */
const mostLinks = 40;
/** How many scripts are followed that start one another. */
const deepest = 4;

/** Reads a closure as an activation package. @throws Problem if it is none */
export function readPackage(from: string): ActivationPackage {
  const closure = readClosure(from);
  const no = (expected: string, found: string): Problem =>
    new Problem({
      expected,
      found,
      where: `--home-manager ${from}, ${basename(closure.root)}`,
      next: 'Name the closure of an activation package: homeConfigurations.NAME.activationPackage, or the one in ExecStart of home-manager-NAME.service',
    });
  const activate = at(closure, `${closure.root}/activate`);
  if (activate?.kind !== 'file' || activate.text === null)
    throw no('an activation package, with a file activate', 'none');
  if (!activate.executable) throw no('activate to be executable', 'a file that is not');
  const lines = activate.text.split('\n').filter(line => line.includes(closure.root));
  if (lines.length === 0) throw no('activate to name its own package', 'a script that does not');
  const wrong = lines.find(line => !/^[^'"]*="[^"$`\\]*"[^'"]*$/.test(line));
  if (wrong !== undefined) throw no('activate to name its own package between double quotes only', wrong.trim());
  const files = at(closure, `${closure.root}/home-files`);
  if (files?.kind !== 'directory')
    throw no('home-files, a folder of the closure', files === null ? 'none' : `a ${files.kind}`);
  for (const [depth, name] of unitsFolder.entries()) {
    const node = unitsFolder
      .slice(0, depth + 1)
      .reduce<StoreNode | undefined>((here, each) => entryOf(here, each), files);
    if (node === undefined) break;
    if (node.kind !== 'directory')
      throw no(`${unitsFolder.slice(0, depth + 1).join('/')} to be a folder`, `a ${node.kind}: ${name}`);
  }
  const user = unitsFolder.reduce<StoreNode | undefined>(entryOf, files);
  const units =
    user?.kind === 'directory'
      ? [...user.entries.keys()].filter(name => /\.\w+$/.test(name) && !/\.(?:wants|requires|d)$/.test(name))
      : [];
  const stacks = units.filter(unit => unit.endsWith('.service')).flatMap(unit => stackOf(closure, unit) ?? []);
  const version = at(closure, `${closure.root}/hm-version`);
  return {
    from,
    closure,
    version: version?.kind === 'file' ? (version.text?.trim() ?? null) : null,
    user: checked(activate.text, 'checkStringEq USER "$USER"'),
    home: checked(activate.text, 'checkPathEq HOME "$HOME"') ?? checked(activate.text, 'checkStringEq HOME "$HOME"'),
    uid: checked(activate.text, 'checkStringEq UID "$(id -u)"'),
    takesDriverVersion: activate.text.includes('--driver-version)'),
    stacks,
    otherUnits: units.filter(unit => !stacks.some(stack => stack.unit === unit)),
    onChange:
      activate.text.split('changedFiles[').length > 1
        ? new Set(activate.text.match(/\$\{changedFiles\[[^\]]*\]/g) ?? []).size
        : 0,
  };
}

/** The value that a check of the activation expects: a word of the shell. */
function checked(script: string, check: string): string | null {
  const line = script.split('\n').find(each => each.trim().startsWith(check));
  const word = line?.trim().slice(check.length).trim();
  return word === undefined || word === '' ? null : word.replace(/^'(.*)'$/, '$1');
}

const entryOf = (node: StoreNode | undefined, name: string): StoreNode | undefined =>
  node?.kind === 'directory' ? node.entries.get(name) : undefined;

/** What is at a path of the closure, with links followed inside of it; null if nothing is. */
function at(closure: Closure, path: string): StoreNode | null {
  return located(closure, path)?.node ?? null;
}

function located(closure: Closure, path: string): { readonly node: StoreNode; readonly path: string } | null {
  let now = path;
  for (let links = 0; links <= mostLinks; links++) {
    const [, , , top = '', ...rest] = now.split('/');
    let node = now.startsWith('/nix/store/') ? closure.paths.get(`/nix/store/${top}`) : undefined;
    let here = `/nix/store/${top}`;
    let next: string | null = null;
    for (let nth = 0; node !== undefined; nth++) {
      if (node.kind === 'link') {
        const target = node.target.startsWith('/')
          ? node.target
          : `${here.slice(0, here.lastIndexOf('/'))}/${node.target}`;
        next = normalized([target, ...rest.slice(nth)].join('/'));
        break;
      }
      const name = rest[nth];
      if (name === undefined) return { node, path: here };
      node = entryOf(node, name);
      here = `${here}/${name}`;
    }
    if (next === null) return null;
    now = next;
  }
  return null;
}

function normalized(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

const mentioned = /\/nix\/store\/[0-9a-df-np-sv-z]{32}-[A-Za-z0-9+._?=/-]+/g;

/** A unit with the compose file that it names, or that a script which it starts names; null if there is none. */
function stackOf(closure: Closure, unit: string): ComposeUnit | null {
  const start = `${closure.root}/home-files/${unitsFolder.join('/')}/${unit}`;
  const found = composeIn(closure, start, 0, new Set());
  if (found === null) return null;
  const own = at(closure, start);
  const texts = [own?.kind === 'file' ? (own.text ?? '') : '', ...found.through].join('\n');
  const named =
    /COMPOSE_PROJECT_NAME=["']?([a-z0-9][a-z0-9_-]*)|(?:-p|--project-name)[ =]["']?([a-z0-9][a-z0-9_-]*)/.exec(texts);
  const stack =
    named?.[1] ?? named?.[2] ?? unit.replace(/\.service$/, '').replace(/-stack$|^(?:podman-)?compose[-@]/, '');
  const folder = at(closure, found.path.slice(0, found.path.lastIndexOf('/')));
  const beside = new Map<string, string>();
  if (folder?.kind === 'directory') {
    for (const [name] of folder.entries) {
      const node = at(closure, `${found.path.slice(0, found.path.lastIndexOf('/'))}/${name}`);
      if (node?.kind === 'file' && node.text !== null) beside.set(name, node.text);
    }
  }
  return { unit, stack, compose: { path: found.path, text: found.text }, beside };
}

interface Found {
  readonly path: string;
  readonly text: string;
  /** Texts of the scripts between the unit and the file. */
  readonly through: readonly string[];
}

function composeIn(closure: Closure, path: string, depth: number, seen: Set<string>): Found | null {
  const here = located(closure, path);
  if (here === null || seen.has(here.path) || depth > deepest) return null;
  seen.add(here.path);
  if (here.node.kind !== 'file' || here.node.text === null) return null;
  const { text } = here.node;
  if (/\.ya?ml$/.test(here.path))
    return /^(?:services|include):/m.test(text) ? { path: here.path, text, through: [] } : null;
  if (depth > 0 && !text.startsWith('#!')) return null;
  for (const [next] of text.matchAll(mentioned)) {
    const found = composeIn(closure, next, depth + 1, seen);
    if (found !== null) return { ...found, through: [text, ...found.through] };
  }
  return null;
}
