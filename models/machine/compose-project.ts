/**
 * An operator's own compose file, as their provider resolved it: include, extends, anchors, variables and .env files are
 * already applied. Plain JSON. Images are replaced by tags of the probe, because a machine under test reaches no outside
 * registry.
 */
export interface ComposeProject {
  readonly services: Readonly<Record<string, ProjectService>>;
  readonly networks: Readonly<Record<string, ProjectNetwork>>;
  readonly volumes: Readonly<Record<string, ProjectVolume>>;
  /** The text of each config, by name: inline, or of the file that it names. */
  readonly configs: Readonly<Record<string, string>>;
  /** Those of them that are no config in the operator's own file: text files that it mounts, and secrets. Absent: none. */
  readonly files?: readonly string[];
  /** Whether the texts are mounted, as files beside the compose file, since the provider knows no configs. */
  readonly mountsConfigs?: true;
  /** The active compose profiles. */
  readonly profiles: readonly string[];
}

/** One service of such a file. Keys that are not listed here are in `rest`, and are passed on unchanged. */
export interface ProjectService {
  /** Tag of the stand-in that replaces its image. */
  readonly tag: string;
  /** Whether a healthcheck is declared. */
  readonly hasHealthcheck: boolean;
  readonly restart: 'no' | 'always' | 'unless-stopped';
  readonly autoUpdate: boolean;
  /** The stand-in's arguments; null where the file declares none. */
  readonly command: readonly string[] | null;
  readonly environment: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly user: string | null;
  readonly workingDir: string | null;
  readonly hostname: string | null;
  readonly ports: readonly ProjectPort[];
  readonly mounts: readonly ProjectMount[];
  /** Names of the project's networks. Empty where `networkMode` is given. */
  readonly networks: readonly string[];
  /** `service:NAME`, `none` or `host`; null where it has networks of its own. */
  readonly networkMode: string | null;
  /** Config name → path in the container. */
  readonly configs: Readonly<Record<string, string>>;
  readonly dependsOn: Readonly<Record<string, DependencyCondition>>;
  /** The compose profiles that it belongs to; always active where empty. */
  readonly profiles: readonly string[];
  readonly pull: 'missing' | 'always';
  /** The exit status of a service that runs once and ends; null for one that keeps running. */
  readonly ends: number | null;
  /** Keys that stackfuzz does not read, in the form of a compose file. */
  readonly rest: Readonly<Record<string, unknown>>;
}

export type DependencyCondition = 'service_started' | 'service_healthy' | 'service_completed_successfully';

/** A published port. */
export interface ProjectPort {
  /** Host address on which it is published; empty for all. */
  readonly address: string;
  readonly published: number;
  readonly target: number;
  readonly protocol: 'tcp' | 'udp';
}

export interface ProjectMount {
  readonly type: 'volume' | 'bind' | 'tmpfs';
  /** Name of a volume of the project; empty for an anonymous one and for tmpfs; of a bind mount a path below the operator's home. */
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

export interface ProjectNetwork {
  readonly internal: boolean;
  /** In CIDR notation; null where podman chooses. */
  readonly subnet: string | null;
  /** It already exists; the project neither creates nor removes it. */
  readonly external: boolean;
  /** Its name on the machine, where the file gives one. */
  readonly name: string | null;
}

export interface ProjectVolume {
  readonly driverOpts: Readonly<Record<string, string>>;
  readonly external: boolean;
  readonly name: string | null;
}

/** Whether a service is active with these compose profiles. */
export const isOn = (project: ComposeProject, service: ProjectService): boolean =>
  service.profiles.length === 0 || service.profiles.some(name => project.profiles.includes(name));

/** The service of the same file whose network a service uses; null where it has one of its own, or none. */
export const sharedWith = (networkMode: string | null): string | null =>
  networkMode?.startsWith('service:') ? networkMode.slice('service:'.length) : null;

/** What a network or volume of a project is called on the machine: one that is somebody else's has no stack before its name. */
export const resourceName = (
  stack: string,
  name: string,
  { name: given, external = false }: { readonly name: string | null; readonly external?: boolean },
): string => given ?? (external ? name : `${stack}_${name}`);

/**
 * Everything that podman can report of a container of this service, one line each, sorted. The counterpart that reads podman's
 * answers is src/hosts/real/observe/settings.ts.
 */
export function projectSettings(stack: string, project: ComposeProject, service: ProjectService): string {
  const lines = [
    ...(service.command === null || service.command.length === 0 ? [] : [`command ${JSON.stringify(service.command)}`]),
    ...Object.entries(service.environment).map(([name, value]) => `environment ${name}=${value}`),
    ...Object.entries(service.labels)
      .filter(([name]) => isOperatorsLabel(name))
      .map(([name, value]) => `label ${name}=${value}`),
    ...(service.user === null ? [] : [`user ${service.user}`]),
    ...(service.workingDir === null || service.workingDir === '/' ? [] : [`working_dir ${service.workingDir}`]),
    ...(service.hostname === null ? [] : [`hostname ${service.hostname}`]),
    ...service.ports.map(port => `port ${portText(port)}`),
    ...service.mounts.map(mount => `mount ${mountText(stack, project, mount)}`),
    ...(service.networkMode === null ? [] : [`network_mode ${service.networkMode}`]),
    ...service.networks.map(name => `network ${networkText(stack, name, project.networks[name])}`),
  ];
  return sortedLines(lines);
}

/** What can be seen only while it runs: the text of its configs, and that its published tcp ports on the loopback answer. */
export function projectEffect(project: ComposeProject, service: ProjectService): string {
  const lines = [
    ...Object.entries(service.configs).map(
      ([name, path]) => `${isFile(project, name) ? 'file' : 'config'} ${path} ${digestOf(project.configs[name] ?? '')}`,
    ),
    ...service.ports.filter(isOnLoopback).map(port => `answers ${port.published}`),
  ];
  return sortedLines(lines);
}

/**
 * Whether a text in a container is a file that the operator's own compose file mounts: a hand can write over a config, and not over such
 * a file, also where it stands in as a config.
 */
export const isFile = ({ mountsConfigs, files = [] }: ComposeProject, config: string): boolean =>
  mountsConfigs === true || files.includes(config);

/** Whether a label is one that nobody writes but the operator: not compose, an image, a profile, nor a field of its own. */
export const isOperatorsLabel = (name: string): boolean =>
  !/^(?:com\.docker\.compose|io\.podman\.compose|io\.buildah|stack|stackfuzz)\.|^(?:PODMAN_SYSTEMD_UNIT|io\.containers\.autoupdate)$/.test(
    name,
  );

/** Whether it can be reached from the machine itself. */
export const isOnLoopback = ({ address, protocol }: ProjectPort): boolean =>
  protocol === 'tcp' && ['', '0.0.0.0', '127.0.0.1'].includes(address);

export const portText = ({ address, published, target, protocol }: ProjectPort): string =>
  `${address === '0.0.0.0' ? '' : address}:${published}:${target}/${protocol}`;

/** A mount with the options of its volume: `/data volume data rw o=size=1m type=tmpfs`. */
function mountText(stack: string, project: ComposeProject, { type, source, target, readOnly }: ProjectMount): string {
  const volume = type === 'volume' && source !== '' ? project.volumes[source] : undefined;
  const name = volume === undefined ? source : resourceName(stack, source, volume);
  const mode = type === 'tmpfs' ? [] : [readOnly ? 'ro' : 'rw'];
  const from = type === 'volume' && source === '' ? 'anonymous' : name;
  return [target, type, from, ...mode, volume === undefined ? '' : volumeOptions(volume)]
    .filter(word => word !== '')
    .join(' ');
}

/** The options that a volume is declared with: `device=tmpfs o=size=1m type=tmpfs`; empty where there are none. */
export const volumeOptions = ({ driverOpts }: ProjectVolume): string =>
  Object.entries(driverOpts)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(' ');

/** A network with what is declared of it: `web_front internal 10.9.0.0/24`. */
function networkText(stack: string, name: string, network: ProjectNetwork | undefined): string {
  const words = [resourceName(stack, name, network ?? { name: null })];
  if (network?.internal) words.push('internal');
  if (network?.subnet) words.push(network.subnet);
  return words.join(' ');
}

export const sortedLines = (lines: readonly string[]): string => [...lines].sort().join('\n');

/**
 * The digest of a text as cksum prints it (POSIX: a CRC of 32 bits, then the length in bytes): tells one text of a config
 * from another, and a machine tells it of many files by one program.
 */
export function digestOf(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let crc = 0;
  for (const byte of bytes) crc = crcAfter(crc, byte);
  for (let rest = bytes.length; rest > 0; rest = Math.floor(rest / 256)) crc = crcAfter(crc, rest & 0xff);
  return `${~crc >>> 0} ${bytes.length}`;
}

function crcAfter(crc: number, byte: number): number {
  let now = crc ^ (byte << 24);
  for (let bit = 0; bit < 8; bit++) now = now < 0 ? (now << 1) ^ 0x04c11db7 : now << 1;
  return now;
}
