import { Sick } from '../../../../models/host.ts';
import { stackOf } from '../../../../models/machine/search-path.ts';
import { lines } from './sections.ts';

/** What podman has besides containers, each with its compose project, or null. */
export type Resources = readonly { readonly what: string; readonly project: string | null }[];

/** A network, pod or volume in one of podman's lists. */
export interface Listed {
  readonly name?: string;
  readonly Name?: string;
  readonly labels?: Readonly<Record<string, string>> | null;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly internal?: boolean;
  readonly subnets?: readonly { readonly subnet: string }[] | null;
  readonly Options?: Readonly<Record<string, string>> | null;
  readonly CreatedAt?: string;
}

/**
 * The networks, pods and volumes of a look, without podman's own network and without those that are declared as external. A
 * volume that no compose file names belongs to the project that mounts it.
 * @param owners the project that mounts each volume
 * @param external the names of networks and volumes that compose files use but do not create
 */
export function resourcesSeen(
  section: string | undefined,
  owners: ReadonlyMap<string, string> = new Map(),
  external: ReadonlySet<string> = new Set(),
): Resources {
  const [, ...lists] = lines(section);
  const [networks, pods, volumes] = lists
    .slice(0, 3)
    .map(line => listed(line).filter(one => !external.has(listedName(one))));
  return [
    ...(networks ?? []).map(one => ({ what: `network ${withoutId(listedName(one))}`, project: projectOf(one) })),
    ...(pods ?? []).map(one => ({ what: `pod ${withoutId(listedName(one))}`, project: projectOf(one) })),
    ...(volumes ?? []).map(one => ({
      what: `volume ${withoutId(listedName(one))}`,
      project: projectOf(one) ?? owners.get(listedName(one)) ?? null,
    })),
  ].filter(({ what }) => what !== 'network podman');
}

/** When each named volume of a compose project was made, by its name; null if podman was not asked for its lists. */
export function volumesMade(section: string | undefined): ReadonlyMap<string, string> | null {
  const line = lines(section)[3];
  if (line === undefined || line === '' || line === 'null') return null;
  const own = listed(line).filter(one => projectOf(one) !== null);
  return new Map(own.map(one => [listedName(one), one.CreatedAt ?? '']));
}

/** One of podman's lists. @throws Sick if it is none */
export function listed(line: string | undefined): readonly Listed[] {
  if (line === undefined || line === '' || line === 'null') return [];
  try {
    return JSON.parse(line) as readonly Listed[];
  } catch (error) {
    throw new Sick(`podman's answer is no JSON: ${(error as Error).message}\n${line.slice(0, 500)}`);
  }
}

export const listedName = ({ name, Name }: Listed): string => name ?? Name ?? '';

const withoutId = (name: string): string => name.replace(/[0-9a-f]{64}/g, 'ID');

/** By its label; a pod of podman-compose has only the label of the unit (facts.md F52). */
function projectOf({ labels, Labels }: Listed): string | null {
  const all = labels ?? Labels ?? {};
  return all['com.docker.compose.project'] ?? stackOf(all.PODMAN_SYSTEMD_UNIT ?? '');
}

/** The mounts of a look that belong to a container which no longer exists, by its id. */
export const mountsSeen = (section: string | undefined, ids: ReadonlySet<string>): readonly string[] =>
  lines(section)
    .map(line => /[0-9a-f]{64}/.exec(line)?.[0])
    .filter(id => id !== undefined && !ids.has(id))
    .map(() => 'mount of a container that is gone');

/** Temporary files of a look, without those of systemd, which exist as long as their service. */
export const temporarySeen = (section: string | undefined): readonly string[] =>
  lines(section).filter(path => path !== '' && !path.includes('/systemd-private-'));

/** The name of a temporary file without its random part. */
export const temporaryName = (path: string): string =>
  `file ${path.replace(/[._-]?(?=\w*[A-Z0-9])\w{6,}(?=\W|$)/g, '-ID')}`;

/** What is left of a project that has neither a unit nor a container any more, or belongs to no project at all. */
export const leftoversIn = (resources: Resources, stacks: ReadonlySet<string>): readonly string[] =>
  resources
    .filter(({ project }) => project === null || !stacks.has(project))
    .map(({ what }) => what)
    .sort();
