import { isOnLoopback, isOperatorsLabel, portText, sortedLines } from '../../../../models/machine/compose-project.ts';
import type { Inspected } from './inspected.ts';
import type { OwnService, OwnServices } from './own-services.ts';
import { type Listed, listed, listedName } from './resources.ts';
import { lines } from './sections.ts';

/** What a look knows besides the containers themselves. */
export interface Surroundings {
  /** What own compose files declare, by `stack/service`. */
  readonly own: OwnServices;
  /** Every container, by its id. */
  readonly containers: ReadonlyMap<string, Inspected>;
  readonly networks: ReadonlyMap<string, Listed>;
  readonly volumes: ReadonlyMap<string, Listed>;
  /** The digest of the file at a path in a container: by the container's first process, then by path. */
  readonly configs: ReadonlyMap<number, ReadonlyMap<string, string>>;
  /** Published tcp ports that answer on the loopback. */
  readonly answering: ReadonlySet<number>;
}

/** Reads podman's lists of networks and volumes, and what was found about configs and ports. */
export function surroundingsIn(
  seen: ReadonlyMap<string, string>,
  all: readonly Inspected[],
  own: OwnServices,
): Surroundings {
  const [, networks, , volumes] = lines(seen.get('containers'));
  const byName = (line: string | undefined) => new Map(listed(line).map(one => [listedName(one), one]));
  return {
    own,
    containers: new Map(all.map(one => [one.Id ?? '', one])),
    networks: byName(networks),
    volumes: byName(volumes),
    configs: configsIn(seen.get('configs')),
    answering: new Set(lines(seen.get('answering')).map(Number)),
  };
}

/** Reads the lines of cksum: `CRC LENGTH /proc/PID/root/PATH`. */
function configsIn(section: string | undefined): ReadonlyMap<number, ReadonlyMap<string, string>> {
  const found = new Map<number, Map<string, string>>();
  for (const line of lines(section)) {
    const [, digest = '', pid = '', path = ''] = /^(\d+ \d+) \/proc\/(\d+)\/root(\/.*)$/.exec(line) ?? [];
    if (digest === '') continue;
    const ofProcess = found.get(Number(pid)) ?? new Map<string, string>();
    found.set(Number(pid), ofProcess.set(path, digest));
  }
  return found;
}

/**
 * What podman says about a container of an own compose file, and what it shows only while it runs: the lines that
 * `projectSettings` and `projectEffect` make from the declaration. Empty for any other container, such as a probe.
 */
export function settingsSeen(
  service: string,
  one: Inspected,
  around: Surroundings,
): { readonly settings: string; readonly effect: string } {
  const declared = around.own.get(service);
  if (declared === undefined) return { settings: '', effect: '' };
  const settings = [
    ...commandLines(one),
    ...environmentLines(one, declared),
    ...Object.entries(one.Config.Labels ?? {})
      .filter(([name]) => isOperatorsLabel(name))
      .map(([name, value]) => `label ${name}=${value}`),
    ...personLines(one),
    ...ports(one).map(port => `port ${portText(port)}`),
    ...mountLines(one, around, declared),
    ...networkLines(one, around, declared),
  ];
  const effect = [
    ...[...(around.configs.get(one.State.Pid ?? 0) ?? [])]
      .filter(([path]) => declared.configs.has(path))
      .map(([path, digest]) => `${declared.mounted.has(path) ? 'file' : 'config'} ${path} ${digest}`),
    ...ports(one)
      .filter(port => one.State.Status === 'running' && isOnLoopback(port) && around.answering.has(port.published))
      .map(({ published }) => `answers ${published}`),
  ];
  return { settings: sortedLines(settings), effect: sortedLines(effect) };
}

const commandLines = ({ Config: { Cmd } }: Inspected): readonly string[] =>
  Cmd == null || Cmd.length === 0 ? [] : [`command ${JSON.stringify(Cmd)}`];

/**
 * The variables that a compose file declares for this service, now or before. If none of them declares a value (it comes from a
 * secret's file, or was set by hand), only the variable's name is shown, since the value may be a real secret.
 */
const environmentLines = ({ Config }: Inspected, { environment }: OwnService): readonly string[] =>
  (Config.Env ?? []).flatMap(entry => {
    const [name = '', value = ''] = entry.split(/=(.*)/s, 2);
    const values = environment.get(name);
    if (values === undefined) return [];
    return [`environment ${name}${values.has(value) ? `=${value}` : ' has a value that nobody declares'}`];
  });

/** Podman's defaults are left out: the root of the image, and a name that is the beginning of the id. */
function personLines({
  Id = '',
  Config: { User = '', WorkingDir = '/', Hostname = '' },
}: Inspected): readonly string[] {
  return [
    ...(User === '' ? [] : [`user ${User}`]),
    ...(WorkingDir === '' || WorkingDir === '/' ? [] : [`working_dir ${WorkingDir}`]),
    ...(Hostname === '' || Id.startsWith(Hostname) ? [] : [`hostname ${Hostname}`]),
  ];
}

/** The ports that a container publishes. */
const ports = ({ HostConfig }: Inspected) =>
  Object.entries(HostConfig?.PortBindings ?? {}).flatMap(([inside, bindings]) => {
    const [target, protocol] = inside.split('/');
    return (bindings ?? []).map(({ HostIp = '', HostPort }) => ({
      address: HostIp,
      published: Number(HostPort),
      target: Number(target),
      protocol: protocol === 'udp' ? ('udp' as const) : ('tcp' as const),
    }));
  });

/**
 * Its mounts, without those of text files, which show in the effect; podman lists tmpfs mounts separately. The name of an anonymous
 * volume ends with 64 digits (podman-compose puts stack and service before them), and podman adds the options that it read from `o`
 * in capitals (SIZE, UID).
 */
function mountLines(
  { Mounts, HostConfig }: Inspected,
  { volumes }: Surroundings,
  { mounted }: OwnService,
): readonly string[] {
  const own = (Mounts ?? []).filter(({ Type, Destination = '' }) => Type !== 'bind' || !mounted.has(Destination));
  const mounts = own.map(({ Type = '', Name = '', Source = '', Destination = '', RW }) => {
    const isAnonymous = /(?:^|_)[0-9a-f]{64}$/.test(Name);
    const from = Type === 'volume' ? (isAnonymous ? 'anonymous' : Name) : Source;
    const options = Object.entries(volumes.get(Name)?.Options ?? {})
      .filter(([key]) => !/^[A-Z]+$/.test(key))
      .map(([key, value]) => `${key}=${value}`);
    return ['mount', Destination, Type, from, RW === false ? 'ro' : 'rw', ...options.sort()].join(' ');
  });
  return [...mounts, ...Object.keys(HostConfig?.Tmpfs ?? {}).map(path => `mount ${path} tmpfs`)];
}

/**
 * Its networks, or the container whose network it shares. A subnet is shown if some declaration names it; one that podman chose
 * is not.
 */
function networkLines(
  { HostConfig, NetworkSettings }: Inspected,
  { containers, networks }: Surroundings,
  { subnets }: OwnService,
): readonly string[] {
  const mode = HostConfig?.NetworkMode ?? 'bridge';
  if (mode.startsWith('container:')) {
    const labels = containers.get(mode.slice('container:'.length))?.Config.Labels;
    const service = labels?.['com.docker.compose.service'];
    return [`network_mode ${service === undefined ? 'of a container that is gone' : `service:${service}`}`];
  }
  if (mode !== 'bridge') return [`network_mode ${mode}`];
  return Object.keys(NetworkSettings?.Networks ?? {}).map(name => {
    const { internal = false, subnets: has = [] } = networks.get(name) ?? {};
    const named = (has ?? []).map(({ subnet }) => subnet).filter(subnet => subnets.has(subnet));
    return ['network', name, ...(internal ? ['internal'] : []), ...named].join(' ');
  });
}
