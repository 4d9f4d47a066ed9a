import { gunzipSync } from 'node:zlib';
import { Sick } from '../../models/host.ts';
import { inspected } from '../hosts/real/observe/containers.ts';
import type { Inspected } from '../hosts/real/observe/inspected.ts';

/** What an audit has read on a host; nothing in it is auditOf yet. */
export interface AuditFacts {
  /** The host's clock, in seconds. */
  readonly clock: number;
  /** `running`, `down`, or what systemd says while it is neither. */
  readonly manager: string;
  /** Whether logind keeps the user manager up without a session. */
  readonly linger: boolean;
  /** Where the manager looks for units, strongest first, as far as they are there; one directory under two names once. */
  readonly directories: readonly string[];
  readonly files: readonly UnitFile[];
  /** What an owner's current generation has for a directory. */
  readonly trees: readonly UnitTree[];
  /** Lines of unit files that decide what is run, by path. */
  readonly texts: ReadonlyMap<string, readonly Setting[]>;
  /** Services as the manager has them in memory, by name. */
  readonly units: ReadonlyMap<string, LoadedUnit>;
  /** Programs of units that are scripts which run containers. */
  readonly scripts: ReadonlySet<string>;
  readonly composeFiles: ReadonlyMap<string, ComposeText>;
  /** Null where podman was not asked, because the user manager is down. */
  readonly podman: Podman | null;
  readonly pids: ReadonlySet<number>;
  /** Process of a container's monitor → the unit whose control group it is in. */
  readonly monitors: ReadonlyMap<number, string>;
  /** Timers that podman made for healthchecks. */
  readonly timers: readonly string[];
}

/** Something in the search path: a unit file, a drop-in, or a link by which a target wants a unit. */
export interface UnitFile {
  readonly path: string;
  /** The directory of the search path that it is in. */
  readonly directory: string;
  /** Its path below that directory. */
  readonly name: string;
  readonly kind: 'file' | 'link' | 'directory' | 'other';
  /** Where a link leads to, in one step and in all; both empty for what is no link. */
  readonly target: string;
  readonly real: string;
  /** Whether it leads nowhere. */
  readonly dangling: boolean;
  /** Bytes, of a file. */
  readonly size: number;
  /** Seconds. */
  readonly modified: number;
}

/** The unit files of one generation. */
export interface UnitTree {
  /** Home Manager's, or NixOS's. */
  readonly owner: 'Home Manager' | 'NixOS';
  /** The directory of the search path that it is for. */
  readonly directory: string;
  readonly place: string;
  /** Name below the directory → where it leads to in the end. */
  readonly leaves: ReadonlyMap<string, string>;
}

/** `Key=value` of a unit file. */
export interface Setting {
  readonly key: string;
  readonly value: string;
}

/** What `systemctl --user show` says, by property; of a property that comes several times all values. */
export interface LoadedUnit {
  readonly name: string;
  readonly said: ReadonlyMap<string, readonly string[]>;
}

/** One property of a unit; empty where it is not said. */
export const property = (unit: LoadedUnit | undefined, name: string): string => unit?.said.get(name)?.[0] ?? '';

/** A compose file as it stands on the host. */
export interface ComposeText {
  readonly text: string;
  /** Seconds. */
  readonly modified: number;
}

/** What podman keeps. */
export interface Podman {
  readonly containers: readonly Inspected[];
  readonly networks: readonly PodmanResource[];
  readonly pods: readonly PodmanResource[];
  readonly volumes: readonly PodmanResource[];
  /** Name of an image → its id. */
  readonly images: ReadonlyMap<string, string>;
}

/** A network, pod or volume. */
export interface PodmanResource {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Ids of the containers in a pod. */
  readonly containers: readonly string[];
}

/** Understands what the audit's script printed. @throws Sick where it makes no sense. */
export function factsIn(output: string): AuditFacts {
  const seen = sectionsIn(unpacked(output));
  const lines = (name: string): readonly string[] => (seen.get(name) ?? '').split('\n').filter(line => line !== '');
  const manager = lines('manager')[0] ?? '';
  const state = settingsIn(lines('state'));
  const listed = pairs(lines('directories'));
  const real = new Map(listed);
  const wanted = (state.get('UnitPath')?.[0] ?? '').split(' ');
  const ranked = listed.map(([path]) => path).sort((one, other) => rank(one, wanted) - rank(other, wanted));
  const directories = ranked.filter(
    (path, at) => ranked.findIndex(other => (real.get(other) ?? other) === (real.get(path) ?? path)) === at,
  );
  return {
    clock: Number(lines('clock')[0]),
    manager,
    linger: lines('linger')[0] === 'yes',
    directories,
    files: filesIn(lines('files'), directories, new Map(pairs(lines('real')))),
    trees: treesIn(lines('trees')),
    texts: textsIn(lines('texts')),
    units: unitsIn(seen.get('units') ?? ''),
    scripts: new Set(lines('scripts')),
    composeFiles: composeIn(seen.get('compose') ?? ''),
    podman: manager === 'running' ? podmanIn(lines('podman')) : null,
    pids: new Set((lines('pids')[0] ?? '').split(' ').map(path => Number(path.slice('/proc/'.length)))),
    monitors: monitorsIn(lines('monitors')),
    timers: lines('timers').map(line => line.replaceAll('"', '')),
  };
}

/** `/proc/PID/cgroup:0::/…/web.service/…`: the last part that is a service below the user manager's own. */
const monitorsIn = (lines: readonly string[]): ReadonlyMap<number, string> =>
  new Map(
    lines.flatMap(line => {
      const [, pid = '', path = ''] = /^\/proc\/(\d+)\/cgroup:\d*:[^:]*:(.*)$/.exec(line) ?? [];
      const unit = /user@\d+\.service\/(?:.*\/)?([^/]+\.service)/.exec(path)?.[1];
      return unit === undefined ? [] : [[Number(pid), unit] as const];
    }),
  );

const rank = (path: string, wanted: readonly string[]): number => {
  const at = wanted.indexOf(path);
  return at < 0 ? wanted.length : at;
};

function unpacked(output: string): string {
  if (!output.startsWith('packed\n')) return output;
  try {
    return gunzipSync(Buffer.from(output.slice('packed\n'.length), 'base64')).toString();
  } catch (error) {
    throw new Sick(`the host's answer is torn: ${(error as Error).message}`);
  }
}

function sectionsIn(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const part of text.split(/^@@ /m).slice(1)) {
    const end = part.indexOf('\n');
    found.set(end < 0 ? part : part.slice(0, end), end < 0 ? '' : part.slice(end + 1).trimEnd());
  }
  const blind = found.get('blind');
  if (blind !== undefined) throw new Sick(`podman does not say which containers there are; it says: ${blind}`);
  if (found.has('torn')) throw new Sick('podman does not answer to the end');
  if (!found.has('end')) throw new Sick(`the host broke off while it was read; it said:\n${text.slice(0, 500)}`);
  return found;
}

/** A list, and then as many answers: each with its own. */
const pairs = (lines: readonly string[]): readonly (readonly [string, string])[] =>
  lines.slice(0, lines.length / 2).map((line, at) => [line, lines[lines.length / 2 + at] ?? '']);

const auditKinds: Readonly<Record<string, UnitFile['kind']>> = { f: 'file', l: 'link', d: 'directory' };

function filesIn(
  lines: readonly string[],
  directories: readonly string[],
  real: ReadonlyMap<string, string>,
): readonly UnitFile[] {
  return lines.flatMap(line => {
    const [kind = '', leads = '', size = '', , modified = '', path = '', target = ''] = line.split('\t');
    const directory = directories
      .filter(each => path.startsWith(`${each}/`))
      .reduce((one, other) => (other.length > one.length ? other : one), '');
    if (directory === '') return [];
    return [
      {
        path,
        directory,
        name: path.slice(directory.length + 1),
        kind: auditKinds[kind] ?? 'other',
        target,
        real: real.get(path) ?? '',
        // `L` is a circle.
        dangling: kind === 'l' && (leads === 'N' || leads === 'L'),
        size: Number(size),
        modified: Number(modified),
      },
    ];
  });
}

/** `DIRECTORY<TAB>PLACE`, the leaves, each after a tab, and where each of them leads to. */
function treesIn(lines: readonly string[]): readonly UnitTree[] {
  const trees: UnitTree[] = [];
  let at = 0;
  while (at < lines.length) {
    const [directory = '', place = ''] = (lines[at++] ?? '').split('\t');
    const leaves: string[] = [];
    while (lines[at]?.startsWith('\t')) leaves.push((lines[at++] ?? '').slice(1));
    const reals = lines.slice(at, at + leaves.length);
    at += leaves.length;
    trees.push({
      owner: directory.startsWith('/etc/') ? 'NixOS' : 'Home Manager',
      directory,
      place,
      leaves: new Map(leaves.map((leaf, nth) => [leaf.slice(place.length + 1), reals[nth] ?? ''])),
    });
  }
  return trees;
}

function textsIn(lines: readonly string[]): ReadonlyMap<string, readonly Setting[]> {
  const texts = new Map<string, Setting[]>();
  for (const line of lines) {
    const [, path = '', key = '', value = ''] = /^(.*?(?:\.service|\.conf)):(\w+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (path === '') continue;
    const settings = texts.get(path) ?? [];
    settings.push({ key, value });
    texts.set(path, settings);
  }
  return texts;
}

function settingsIn(lines: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const said = new Map<string, string[]>();
  for (const line of lines) {
    const at = line.indexOf('=');
    if (at < 0) continue;
    const all = said.get(line.slice(0, at)) ?? [];
    all.push(line.slice(at + 1));
    said.set(line.slice(0, at), all);
  }
  return said;
}

function unitsIn(section: string): ReadonlyMap<string, LoadedUnit> {
  const units = new Map<string, LoadedUnit>();
  for (const block of section.split('\n\n')) {
    const said = settingsIn(block.split('\n'));
    const name = said.get('Id')?.[0];
    if (name !== undefined) units.set(name, { name, said });
  }
  return units;
}

/** `MODIFIED PATH` lines by stat, then what head prints of each file, under its name. */
function composeIn(section: string): ReadonlyMap<string, ComposeText> {
  const [stats = '', ...parts] = section.split(/^==> (?=\/)/m);
  const modified = new Map(
    stats.split('\n').map(line => [line.slice(line.indexOf(' ') + 1), Number(line.split(' ')[0])] as const),
  );
  return new Map(
    parts.flatMap(part => {
      const [, path = '', text = ''] = /^(.*) <==\n([\s\S]*)$/.exec(part) ?? [];
      return modified.has(path) ? [[path, { text, modified: modified.get(path) ?? 0 }] as const] : [];
    }),
  );
}

interface Listed {
  readonly name?: string;
  readonly Name?: string;
  readonly labels?: Readonly<Record<string, string>> | null;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly Containers?: readonly { readonly Id?: string }[] | number | null;
  readonly Id?: string;
  readonly Names?: readonly string[] | null;
  readonly RepoTags?: readonly string[] | null;
}

/** Five lists, a line each, then every container's inspection. */
function podmanIn(lines: readonly string[]): Podman {
  const [images, , networks, pods, volumes, ...inspections] = lines;
  return {
    containers: inspected(inspections).filter(one => one.Id !== undefined),
    networks: keptIn(networks),
    pods: keptIn(pods),
    volumes: keptIn(volumes),
    images: new Map(
      listedIn(images).flatMap(image =>
        (image.Names ?? image.RepoTags ?? []).map(name => [name, image.Id ?? ''] as const),
      ),
    ),
  };
}

const keptIn = (line: string | undefined): readonly PodmanResource[] =>
  listedIn(line).map(one => ({
    name: one.name ?? one.Name ?? '',
    labels: one.labels ?? one.Labels ?? {},
    containers: Array.isArray(one.Containers) ? one.Containers.map(each => (each as { Id?: string }).Id ?? '') : [],
  }));

function listedIn(line: string | undefined): readonly Listed[] {
  if (line === undefined || line === '' || line === 'null') return [];
  try {
    return JSON.parse(line) as readonly Listed[];
  } catch (error) {
    throw new Sick(`podman's answer is no JSON: ${(error as Error).message}\n${line.slice(0, 300)}`);
  }
}
