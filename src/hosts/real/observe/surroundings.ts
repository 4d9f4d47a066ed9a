import { stackOf } from '../../../../models/machine/search-path.ts';
import type { Beside, Observation } from '../../../../models/observation.ts';
import { normalPath, type Operator } from '../../paths.ts';
import type { Inspected } from './inspected.ts';
import type { ListedUnit } from './manager.ts';
import { lines } from './sections.ts';

/** What a look shows around the stacks. */
export interface AroundLook {
  /** Files and links of the search path that belong to no stack, by normalised path. */
  readonly unitFiles: ReadonlyMap<string, UnitFile>;
  /** Units that generators make from other files, such as quadlets, by name. */
  readonly generated: ReadonlySet<string>;
  /** The user manager's environment; null if it is down. */
  readonly environment: ReadonlyMap<string, string> | null;
  readonly linger: boolean;
  /** The operator's processes outside of containers: `sleep in web-stack.service`. */
  readonly processes: readonly string[];
  /** Names of files in the runtime directory. */
  readonly runtime: readonly string[];
  readonly readable: readonly string[];
  /** Number of bytes that were written since the first look. */
  readonly written: number;
  readonly journal: readonly JournalEntry[];
  /** Whether a service is asked for; all services if absent. */
  isOurs?(unit: string): boolean;
}

interface UnitFile {
  /** Where a link leads; empty for a file. */
  readonly target: string;
  /** Differs if the file was replaced or written. */
  readonly stamp: string;
}

/** The fields that are asked for of a journal entry (journalctl -o json). */
interface JournalEntry {
  readonly __CURSOR: string;
  readonly MESSAGE?: unknown;
  readonly PRIORITY?: string;
  readonly USER_UNIT?: string;
  readonly _SYSTEMD_USER_UNIT?: string;
  /** The same of the system's manager, where that one runs the stacks. */
  readonly UNIT?: string;
  readonly _SYSTEMD_UNIT?: string;
  readonly SYSLOG_IDENTIFIER?: string;
  /** Set for a line that a container printed, by its conmon. */
  readonly CONTAINER_ID?: string;
  readonly PODMAN_EVENT?: string;
  readonly PODMAN_ID?: string;
  readonly PODMAN_EXIT_CODE?: string;
}

/** What was around the stacks at the first look, and what the journal has said since. */
export interface AroundMemory {
  readonly first: AroundLook;
  /** Units that were running or had failed at that time. */
  readonly running: ReadonlySet<string>;
  readonly failed: ReadonlySet<string>;
  /** Cursors of the journal entries that the last look saw. */
  readonly told: ReadonlySet<string>;
  /** The service of each container seen so far, by its id. */
  readonly services: ReadonlyMap<string, string>;
}

/** Reads what the look script printed about it. */
export function aroundSeen(
  seen: ReadonlyMap<string, string>,
  operator: Operator,
  containers: readonly Inspected[],
): AroundLook | null {
  if (!seen.has('looker')) return null;
  const normal = (path: string): string => normalPath(path, operator);
  return {
    unitFiles: new Map(
      filled(seen.get('others')).map(line => {
        const [kind = '', path = '', target = '', stamp = ''] = line.split('\t');
        return [normal(path), { target, stamp: kind === 'l' ? target : stamp }];
      }),
    ),
    generated: new Set(filled(seen.get('generated')).map(nameIn)),
    environment: environmentIn(seen.get('environment')),
    linger: seen.get('linger') === 'yes',
    processes: processesIn(seen.get('processes'), Number(seen.get('looker')), operator, containers),
    runtime: filled(seen.get('runtime')).map(nameIn),
    readable: filled(seen.get('readable')).map(normal),
    written: filled(seen.get('written')).reduce((sum, line) => sum + Number(line.slice(0, line.indexOf('\t'))), 0),
    journal: filled(seen.get('journal')).flatMap(entryIn),
  };
}

const nameIn = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const filled = (section: string | undefined): readonly string[] => lines(section).filter(line => line !== '');

function environmentIn(section: string | undefined): AroundLook['environment'] {
  if (section === undefined || section === '') return null;
  const { data } = JSON.parse(section) as { data: readonly string[] };
  return new Map(data.map(each => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)] as const));
}

const entryIn = (line: string): readonly JournalEntry[] => {
  try {
    return [JSON.parse(line) as JournalEntry];
  } catch {
    return []; // The last line may be cut off if the journal was rotated during the reading.
  }
};

interface Process {
  name: string;
  parent: number;
  user: number;
  group: string;
}

/** Programs of podman's that run longer than a command, and those of the manager itself (facts.md F124). */
const known =
  /^(?:systemd|\(sd-pam\)|dbus-(?:daemon|broker.*)|podman|docker-compose|catatonit|conmon|crun|runc|pasta.*|slirp4netns|aardvark-dns|netavark|rootlessport.*|exe|fuse-overlayfs)$/;

/** The operator's processes without those of containers, of the look itself and of podman; each with the unit that it runs in. */
function processesIn(
  section: string | undefined,
  looker: number,
  { uid }: Operator,
  containers: readonly Inspected[],
): readonly string[] {
  const all = new Map<number, Process>();
  for (const line of lines(section)) {
    const [, id = '', what = '', text = ''] = /^\/proc\/(\d+)\/\w+:(\w+):(.*)$/.exec(line) ?? [];
    const one = all.get(Number(id)) ?? { name: '', parent: 0, user: -1, group: '' };
    all.set(Number(id), one);
    if (what === 'Name') one.name = text.trim();
    else if (what === 'PPid') one.parent = Number(text);
    else if (what === 'Uid') one.user = Number(text.trim().split('\t')[0]);
    else one.group = text.slice(1);
  }
  const ours = new Set([looker, ...containers.flatMap(({ State }) => [State.Pid ?? 0, State.ConmonPid ?? 0])]);
  ours.delete(0);
  const isAccountedFor = (id: number): boolean => {
    for (let at = id, steps = 0; at > 1 && steps < 100; at = all.get(at)?.parent ?? 0, steps++) {
      if (ours.has(at) || all.get(at)?.name === 'conmon') return true;
    }
    return false;
  };
  return [...all]
    .filter(
      ([id, { name, user, group }]) =>
        user === uid && !known.test(name) && !/libpod-/.test(group) && !isAccountedFor(id),
    )
    .map(([, { name, group }]) => `${name} in ${holderOf(group)}`)
    .sort();
}

/** The unit that a control group belongs to. */
const holderOf = (group: string): string =>
  withoutNumbers(group.split('/').findLast(part => /\.(?:service|scope)$/.test(part)) ?? group);

/** The name of a unit of systemd-run, without its numbers. */
const withoutNumbers = (unit: string): string => unit.replace(/^(run|podman)-[pru]?[0-9a-f]+(?:-i\d+)?\./, '$1-ID.');

/** The part of a look that this is made from. */
interface Surrounded {
  readonly around: AroundLook | null;
  readonly listed: readonly ListedUnit[];
  /** `running`, `down`, or what systemd says in between. */
  readonly manager: string;
}

/** What is remembered for the next look. */
export function aroundRemembered(
  { around, listed }: Omit<Surrounded, 'manager'>,
  instances: ReadonlyMap<string, readonly string[]>,
  before: AroundMemory | null,
): AroundMemory | null {
  if (around === null) return before;
  const named = (state: string): ReadonlySet<string> =>
    new Set(listed.filter(({ activeState }) => activeState === state).map(({ name }) => name));
  return {
    first: before?.first ?? around,
    running: before?.running ?? named('active'),
    failed: before?.failed ?? named('failed'),
    told: new Set(around.journal.map(entry => entry.__CURSOR)),
    services: new Map([...instances].flatMap(([service, ids]) => ids.map(id => [id, service] as const))),
  };
}

/** What differs from the first look; absent if nothing does. */
export function aroundOf(
  { around, listed, manager }: Surrounded,
  before: AroundMemory | null,
  link: RegExp,
): Pick<Observation, 'around'> {
  if (around === null || before === null) return {};
  const { first } = before;
  const isOwned = (path: string): boolean =>
    [around, first].some(({ unitFiles }) => link.test(unitFiles.get(path)?.target ?? ''));
  const told = around.journal.filter(entry => !before.told.has(entry.__CURSOR));
  const seen: Beside = {
    units: manager === 'running' ? unitsOf(listed, around, before, link) : {},
    unitFiles: changes(
      first.unitFiles,
      around.unitFiles,
      path => isOwned(path) || /^(?:%t|\/run)\/systemd\/transient\//.test(path),
      one => one.stamp,
    ),
    environment:
      around.environment === null || first.environment === null
        ? {}
        : changes(
            first.environment,
            around.environment,
            () => false,
            value => value,
          ),
    linger: around.linger,
    processes: around.processes.filter(one => !first.processes.includes(one)),
    runtime: around.runtime.filter(name => !first.runtime.includes(name)),
    readable: around.readable,
    written: Math.floor(around.written / 2 ** 20),
    errors: told.filter(entry => Number(entry.PRIORITY ?? 6) <= 3 && isOfUnit(entry)).map(inWords),
    killed: told
      .filter(entry => entry.PODMAN_EVENT === 'died' && entry.PODMAN_EXIT_CODE === '137')
      .map(entry => before.services.get(entry.PODMAN_ID ?? ''))
      .filter(service => service !== undefined)
      .sort(),
  };
  return isNothing(seen) && around.linger === first.linger ? {} : { around: seen };
}

const isNothing = ({ linger: _, written, ...lists }: Beside): boolean =>
  written === 0 && Object.values(lists).every(list => Object.keys(list).length === 0);

/**
 * Everything that a container prints on standard error has this priority (facts.md F124); what its conmon reports is about
 * podman.
 */
const isOfUnit = (entry: JournalEntry): boolean =>
  entry.CONTAINER_ID === undefined &&
  entry.SYSLOG_IDENTIFIER !== 'conmon' &&
  !(entry._SYSTEMD_USER_UNIT ?? entry._SYSTEMD_UNIT)?.startsWith('libpod-');

/** The unit that an entry of the journal speaks of, or that spoke it; nothing where there is none. */
export const unitNamedIn = (entry: JournalEntry): string | undefined =>
  entry.USER_UNIT ?? entry._SYSTEMD_USER_UNIT ?? entry.UNIT ?? entry._SYSTEMD_UNIT;

const inWords = (entry: JournalEntry): string =>
  `${withoutNumbers(unitNamedIn(entry) ?? entry.SYSLOG_IDENTIFIER ?? 'nobody')}: ${typeof entry.MESSAGE === 'string' ? entry.MESSAGE.slice(0, 300) : ''}`;

/** What was added or removed between the first look and this one. */
function changes<T>(
  first: ReadonlyMap<string, T>,
  now: ReadonlyMap<string, T>,
  isLeftOut: (name: string) => boolean,
  of: (entry: T) => string,
): Readonly<Record<string, 'new' | 'gone' | 'changed'>> {
  const found: Record<string, 'new' | 'gone' | 'changed'> = {};
  for (const name of [...new Set([...first.keys(), ...now.keys()])].sort()) {
    const [was, is] = [first.get(name), now.get(name)];
    if (was !== undefined && is !== undefined && of(was) === of(is)) continue;
    if (!isLeftOut(name)) found[name] = was === undefined ? 'new' : is === undefined ? 'gone' : 'changed';
  }
  return found;
}

/** Kinds of units that run something, or start something. */
const kinds = /\.(?:service|timer|socket|path)$/;
/** Units that podman makes for a container, and those that serve its socket (facts.md F124). */
const podmans = /[0-9a-f]{64}|^podman\.(?:service|socket)$/;

/**
 * Units of the user manager that belong to no stack: those that run or have failed now and did not before, and timers that no
 * longer run.
 */
function unitsOf(
  listed: readonly ListedUnit[],
  { unitFiles, generated, isOurs }: AroundLook,
  { first, running, failed }: AroundMemory,
  link: RegExp,
): Beside['units'] {
  const files = new Map<string, readonly UnitFile[]>();
  for (const [path, file] of [...first.unitFiles, ...unitFiles]) {
    const name = nameIn(path);
    files.set(name, [...(files.get(name) ?? []), file]);
  }
  const units: Record<string, 'started' | 'failed' | 'ended'> = {};
  const states = new Map(listed.map(({ name, activeState }) => [name, activeState]));
  for (const name of [...new Set([...states.keys(), ...running])].sort()) {
    if (!kinds.test(name) || podmans.test(name) || stackOf(name) !== null) continue;
    const state = states.get(name) ?? 'inactive';
    if (isOurs?.(name) === false && name.endsWith('.service')) continue;
    const isTimer = /\.(?:timer|path)$/.test(name);
    if (state === 'failed' && !failed.has(name)) units[withoutNumbers(name)] = 'failed';
    else if (state === 'active' && !running.has(name)) {
      // A service that has a unit file may be started by anybody; a file of the owner's is declared.
      const its = files.get(name) ?? [];
      if (its.some(({ target }) => link.test(target)) || generated.has(name) || (!isTimer && its.length > 0)) continue;
      units[withoutNumbers(name)] = 'started';
    } else if (isTimer && running.has(name) && state !== 'active') units[withoutNumbers(name)] = 'ended';
  }
  return units;
}
