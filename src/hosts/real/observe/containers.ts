import { Sick } from '../../../../models/host.ts';
import type { ContainerSeen } from '../../../../models/observation.ts';
import { secretTextsIn } from '../secret-text.ts';
import type { Inspected } from './inspected.ts';
import { lines } from './sections.ts';
import { type Surroundings, settingsSeen } from './settings.ts';

/** A container with its id and the time of its start; the two are used only to compare two looks. */
export interface ContainerLook {
  /** `stack/service`. */
  readonly service: string;
  readonly id: string;
  readonly name: string;
  readonly created: string;
  readonly startedAt: string;
  readonly imageId: string;
  /** All its environment variables in one text, without the name that podman makes up for it. */
  readonly variables: string;
  readonly container: Omit<ContainerSeen, 'instance' | 'restarted' | 'variables'>;
}

/** Ids of the processes that exist; null if nobody asked. */
export type Pids = ReadonlySet<number> | null;

/**
 * What podman says of each container: the section has four lists, and then the inspection of each container that was asked for.
 * The others are as in the look before.
 * @param keys one line for each container: its id, and all that podman lists of it and that changes
 */
export function inspectionsIn(
  section: string | undefined,
  keys?: string,
  known: ReadonlyMap<string, Inspected> = new Map(),
): readonly Inspected[] {
  const [, , , , ...inspections] = lines(section);
  const asked = inspected(inspections).filter(one => one.Id !== undefined && !one.IsInfra);
  const ids = new Set(asked.map(one => one.Id));
  const kept = lines(keys).flatMap(key => known.get(key) ?? []);
  return [...asked, ...kept.filter(one => !ids.has(one.Id))];
}

/** Those that run, have been probed, and were unchanged in podman's list a moment after the inspection, by their keys. */
export function knownIn(all: readonly Inspected[], keys: string | undefined): ReadonlyMap<string, Inspected> {
  const byId = new Map(all.map(one => [one.Id, one]));
  const found = new Map<string, Inspected>();
  for (const key of lines(keys)) {
    const words = key.split(' ');
    const one = byId.get(words[0]);
    if (one === undefined) continue;
    const { Status, Health, Pid, ConmonPid = 0 } = one.State;
    const health = Health?.Status ?? '';
    const isSteady = Status === 'running' && ConmonPid !== 0 && health !== 'starting';
    if (isSteady && ['State:running', `Status:${health}`, `Pid:${Pid}`].every(word => words.includes(word)))
      found.set(key, one);
  }
  return found;
}

/** The containers of a look, oldest first. */
export function containersSeen(
  all: readonly Inspected[],
  pids: Pids,
  around: Surroundings | null = null,
): readonly ContainerLook[] {
  return all.map(one => containerLook(one, pids, around)).sort((one, other) => (one.created < other.created ? -1 : 1));
}

/** The compose project whose container mounts a volume, by the name of the volume. */
export const ownersOfVolumes = (all: readonly Inspected[]): ReadonlyMap<string, string> =>
  new Map(
    all.flatMap(({ Config, Mounts }) => {
      const project = Config.Labels?.['com.docker.compose.project'];
      return project === undefined ? [] : (Mounts ?? []).map(({ Name = '' }) => [Name, project] as const);
    }),
  );

/** The socket answers with one document per line, `podman inspect` with one list over many lines. */
export function inspected(texts: readonly string[]): readonly Inspected[] {
  try {
    if (texts[0]?.startsWith('[')) return JSON.parse(texts.join('\n')) as Inspected[];
    return texts.filter(text => text !== '').map(text => JSON.parse(text) as Inspected);
  } catch (error) {
    throw new Sick(`podman's answer is no JSON: ${(error as Error).message}\n${texts.join('\n').slice(0, 500)}`);
  }
}

function containerLook(one: Inspected, pids: Pids, around: Surroundings | null): ContainerLook {
  const { Id = '', Name, Created, Image, ImageName, State, Config, HostConfig } = one;
  const labels = Config.Labels ?? {};
  const variables = Object.fromEntries((Config.Env ?? []).map(entry => entry.split(/=(.*)/s, 2)));
  const project = labels['com.docker.compose.project'];
  const update = labels['io.containers.autoupdate'];
  const service = project === undefined ? `-/${Name}` : `${project}/${labels['com.docker.compose.service']}`;
  return {
    service,
    id: Id,
    name: Name,
    created: Created,
    startedAt: State.StartedAt,
    imageId: Image,
    variables: (Config.Env ?? [])
      .filter(entry => !entry.startsWith('HOSTNAME='))
      .sort()
      .join('\n'),
    container: {
      state: stateOf(State, pids),
      health: State.Health?.Status ?? '',
      name: isOwnName(Name, labels) ? `${project}/${labels['com.docker.compose.service']}` : Name,
      image: labels['stackfuzz.version'] ?? '',
      tag: tagOf(ImageName, labels['stackfuzz.version'] ?? ''),
      greeting: variables.GREETING ?? '',
      marker: variables.STACK_MARKER ?? '',
      unit: labels.PODMAN_SYSTEMD_UNIT ?? '',
      autoUpdate: update !== undefined && update !== 'disabled',
      restart: HostConfig?.RestartPolicy?.Name || 'no',
      secretTexts: secretTextsIn(variables),
      ...(around === null ? { settings: '', effect: '' } : settingsSeen(service, one, around)),
    },
  };
}

/**
 * The state that podman reports, if its processes confirm it (facts-debian13 F84, F86). `stopped` and `exited` differ only in
 * whether podman has cleaned up yet; `podman ps` shows both as Exited. Podman 4.3 reports `created`, as before the first start,
 * for a container that it had not cleaned up when its runtime directory was removed.
 */
export function stateOf({ Status, StartedAt, Pid = 0, ConmonPid = 0 }: Inspected['State'], pids: Pids): string {
  if (Status === 'stopped' || (Status === 'created' && !StartedAt.startsWith('0001-'))) return 'exited';
  if (Status !== 'running' || pids === null) return Status;
  if (Pid !== 0 && !pids.has(Pid)) return 'dead';
  return ConmonPid !== 0 && !pids.has(ConmonPid) ? 'unwatched' : Status;
}

/** The tag in the name of an image; for a digest the build that it stands for, as `@v2`. */
const tagOf = (image: string, version: string): string =>
  image.includes('@sha256:') ? `@${version}` : (/:([^:/]+)$/.exec(image)?.[1] ?? image);

/** Whether a container has the name that its provider gave it: `web-app-1`, `web_app_1` or, in a unit of its own, `web-app`. */
function isOwnName(name: string, labels: Readonly<Record<string, string>>): boolean {
  const parts = [labels['com.docker.compose.project'], labels['com.docker.compose.service'], '1'];
  return name === parts.join('-') || name === parts.join('_') || name === parts.slice(0, 2).join('-');
}
