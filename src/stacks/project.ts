import type {
  ComposeProject,
  DependencyCondition,
  ProjectMount,
  ProjectNetwork,
  ProjectService,
  ProjectVolume,
} from '../../models/machine/compose-project.ts';
import { rangeOf } from '../../models/machine/subnet.ts';
import type { AnsweredNetwork, AnsweredService, AnsweredVolume, ComposeAnswer, Texts } from './answer.ts';
import { isPinned } from './image.ts';
import { portsOf, type Say, withoutClashes } from './ports.ts';
import { badFile } from './problems.ts';

/** A part of a file that is used otherwise than it is written: where it is, what it is, and what is done with it. */
export interface Remark {
  readonly path: readonly string[];
  readonly what: string;
}

/** A project, and the parts of its file that are used otherwise than they are written. */
export interface ProjectWithRemarks {
  readonly project: ComposeProject;
  readonly remarks: readonly Remark[];
}

/** Keys that are passed on unchanged: a container of a stand-in can have them, and no promise concerns them. */
const handedOn = [
  ...['cap_add', 'cap_drop', 'dns', 'dns_opt', 'dns_search', 'expose', 'extra_hosts', 'init', 'stdin_open', 'tty'],
  ...['stop_grace_period', 'stop_signal', 'security_opt'],
];

/** Keys that are read here, or that change nothing which a machine would show. */
const understood = new Set([
  ...handedOn,
  ...[
    'image',
    'command',
    'entrypoint',
    'environment',
    'env_file',
    'labels',
    'user',
    'working_dir',
    'hostname',
    'ports',
  ],
  ...['volumes', 'tmpfs', 'networks', 'network_mode', 'configs', 'secrets', 'depends_on', 'profiles', 'pull_policy'],
  ...['healthcheck', 'restart', 'logging', 'platform', 'x-stackfuzz', 'develop', 'annotations', 'attach'],
]);

/** What podman takes as the name of a network or volume. */
const podmanName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,200}$/;

/** An IPv4 subnet; one of IPv6 is podman's to judge. */
const isSubnet = (subnet: string): boolean =>
  rangeOf(subnet) !== null || (subnet.includes(':') && subnet.includes('/'));

/** What a file of the project mounts from outside of the container. */
export type BindSource =
  | { readonly kind: 'file'; readonly path: string; readonly text: string | null }
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'elsewhere'; readonly path: string };

/** The surroundings of a project: its files, and the lines of its parts. */
export interface Around {
  /** The text of a file that a config names, by its path in the provider's answer; null if it was not read. */
  textOf(path: string): string | null;
  /** What is at the source of a bind mount. @throws Problem if it leads out of the folder */
  bindOf(path: string, where: string): BindSource;
  /** The ports of all files that are read together. */
  readonly published: ReadonlySet<number>;
  /** `file:line` of a part of the project. */
  at(path: readonly string[]): string;
}

/**
 * The provider's answer for a compose file, in the form of the model: images are replaced by the probe's builds.
 * @param version the build that replaces an image with a fixed version
 * @throws Problem with file and line for what no machine can run, or must not run
 */
export function projectOf(answer: ComposeAnswer, around: Around, version: string): ProjectWithRemarks {
  const remarks: Remark[] = [];
  const say: Say = (path, what) => void remarks.push({ path, what });
  const services = Object.entries(answer.services ?? {});
  if (services.length === 0) throw badFile('services', 'none', around.at(['services']));
  const awaited = new Set(
    services.flatMap(([, { depends_on = {} }]) =>
      Object.entries(depends_on)
        .filter(([, { condition }]) => condition === 'service_completed_successfully')
        .map(([name]) => name),
    ),
  );
  const binds = new Binds(around, say);
  const whole = services.map(([name, service]) => {
    const mounts = binds.of(name, service);
    return [
      name,
      { ...serviceOf(name, service, awaited.has(name), version, around.published, say), ...mounts },
    ] as const;
  });
  const texts = { ...binds.texts };
  for (const [name, config] of Object.entries(answer.configs ?? {})) {
    const text = config?.content ?? (config?.file === undefined ? null : around.textOf(config.file));
    if (text === null) say(['configs', name], 'its text is elsewhere: a stand-in');
    texts[name] = text === null ? `stand-in for the config ${name}\n` : plain(text);
  }
  for (const name of Object.keys(answer.secrets ?? {})) texts[secretName(name)] = `stand-in for the secret ${name}\n`;
  const volumes = Object.entries(answer.volumes ?? {}).map(
    ([name, volume]) => [name, volumeOf(answer.name, name, volume ?? {}, say)] as const,
  );
  const networks = Object.entries(answer.networks ?? {}).map(
    ([name, network]) => [name, networkOf(answer.name, name, network ?? {}, say)] as const,
  );
  for (const [kind, all] of [
    ['networks', networks],
    ['volumes', volumes],
  ] as const) {
    for (const [key, { name }] of all) {
      if (name === null || podmanName.test(name)) continue;
      throw badFile(
        'a name that podman takes: letters, digits, _ . -',
        JSON.stringify(name),
        around.at([kind, key, 'name']),
      );
    }
  }
  for (const [key, { subnet, external }] of networks) {
    if (external || subnet === null || isSubnet(subnet)) continue;
    throw badFile('a subnet such as 10.89.5.0/24', JSON.stringify(subnet), around.at(['networks', key, 'ipam']));
  }
  for (const [name, service] of whole) mustBeAbsolute(name, service, around.at);
  const used = new Set(whole.flatMap(([, service]) => Object.keys(service.configs)));
  const files = [...Object.keys(binds.texts), ...Object.keys(answer.secrets ?? {}).map(secretName)].filter(name =>
    used.has(name),
  );
  const needsDefault = whole.some(([, service]) => service.networks.includes('default'));
  const project: ComposeProject = {
    services: Object.fromEntries(withoutClashes(whole, around.at, say)),
    networks: { ...(needsDefault ? { default: usualNetwork } : {}), ...Object.fromEntries(networks) },
    volumes: { ...Object.fromEntries(volumes), ...binds.volumes },
    configs: Object.fromEntries(Object.entries(texts).filter(([name]) => used.has(name))),
    ...(files.length === 0 ? {} : { files }),
    profiles: [],
  };
  return { project, remarks };
}

/**
 * Compose takes a path of a container that is not absolute (also `d:/data`, where it sees a drive and no volume `d`); podman refuses it.
 * @throws Problem
 */
function mustBeAbsolute(
  name: string,
  { mounts, configs, workingDir }: Pick<ProjectService, 'mounts' | 'configs' | 'workingDir'>,
  at: Around['at'],
): void {
  const paths: readonly (readonly [key: string, path: string | null])[] = [
    ...mounts.map(({ type, target }) => [type === 'tmpfs' ? 'tmpfs' : 'volumes', target] as const),
    ...Object.values(configs).map(path => ['configs', path] as const),
    ['working_dir', workingDir],
  ];
  const [key, path] = paths.find(([, one]) => one !== null && !one.startsWith('/')) ?? [];
  if (key === undefined) return;
  throw badFile('an absolute path in the container', JSON.stringify(path), at(['services', name, key]));
}

const usualNetwork: ProjectNetwork = { internal: false, subnet: null, external: false, name: null };

/** Compose doubles `$` in its answer, since it would replace variables otherwise. */
const plain = (text: string): string => text.replaceAll('$$', '$');

const plainEach = (texts: Texts): Texts =>
  Object.fromEntries(Object.entries(texts).map(([key, value]) => [key, plain(value)]));

/** Secrets are configs here: a text at a path. */
const secretName = (name: string): string => `secret-${name}`;

function serviceOf(
  name: string,
  from: AnsweredService,
  isAwaited: boolean,
  version: string,
  published: ReadonlySet<number>,
  say: Say,
): Omit<ProjectService, 'mounts' | 'configs'> {
  const at = ['services', name];
  for (const key of Object.keys(from))
    if (!understood.has(key) && !isNothing(from[key])) say([...at, key], leftOut[key] ?? 'left out');
  const { 'io.containers.autoupdate': update, ...given } = plainEach(from.labels ?? {});
  const labels = Object.fromEntries(Object.entries(given).filter(([label]) => !oursAlready.test(label)));
  const said = from['x-stackfuzz'] as { readonly ends?: unknown } | undefined;
  const ends = typeof said?.ends === 'number' ? said.ends : isAwaited ? 0 : null;
  const environment = Object.entries(from.environment ?? {}).filter(([, value]) => value !== null) as [
    string,
    string,
  ][];
  const networkMode = networkModeOf(from.network_mode, [...at, 'network_mode'], say);
  const networks = networkMode === null ? Object.keys(from.networks ?? {}) : [];
  const rest = Object.fromEntries(handedOn.filter(key => !isNothing(from[key])).map(key => [key, from[key]]));
  return {
    tag: isPinned(from.image) ? version : 'stable',
    hasHealthcheck:
      from.healthcheck !== undefined && !from.healthcheck.disable && from.healthcheck.test?.[0] !== 'NONE',
    restart: restartOf(from.restart, [...at, 'restart'], say),
    autoUpdate: update !== undefined && update !== 'disabled',
    command: from.command == null || from.command.length === 0 ? null : from.command.map(plain),
    environment: plainEach(Object.fromEntries(environment)),
    labels,
    user: userOf(from.user, [...at, 'user'], say),
    workingDir: from.working_dir ?? null,
    hostname: from.hostname ?? null,
    ports: portsOf(from.ports ?? [], published, [...at, 'ports'], say),
    networks: networkMode === null && networks.length === 0 ? ['default'] : networks,
    networkMode,
    dependsOn: Object.fromEntries(
      Object.entries(from.depends_on ?? {}).map(([other, { condition }]) => [other, condition as DependencyCondition]),
    ),
    profiles: from.profiles ?? [],
    pull: from.pull_policy === 'always' ? 'always' : 'missing',
    ends,
    rest,
  };
}

/** Labels and variables that stackfuzz sets itself. */
const oursAlready =
  /^(?:GREETING|STACK_MARKER|PODMAN_SYSTEMD_UNIT|com\.docker\.compose\..*|io\.podman\.compose\..*|stackfuzz\..*)$/;

/** What is done with keys that are not passed on, if they are not simply left out. */
const leftOut: Readonly<Record<string, string>> = {
  build: 'nothing is built: a stand-in',
  container_name: 'left out: it has the name that its provider gives it',
  deploy: 'left out: one replica, without limits',
  scale: 'left out: one replica',
};

const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  (typeof value === 'object' && Object.keys(value as object).length === 0);

const secretPath = (target: string): string => (target.startsWith('/') ? target : `/run/secrets/${target}`);

function restartOf(given: string | undefined, at: readonly string[], say: Say): ProjectService['restart'] {
  if (given === undefined || given === 'no') return 'no';
  if (given === 'always' || given === 'unless-stopped') return given;
  say(at, `${given}: no restart`);
  return 'no';
}

function userOf(given: string | undefined, at: readonly string[], say: Say): string | null {
  if (given === undefined || given === '') return null;
  if (/^\d+(:\d+)?$/.test(given)) return given;
  if (given === 'root') return '0';
  say(at, `${given}: the stand-in's image has no such user, 1000`);
  return '1000';
}

function networkModeOf(given: string | undefined, at: readonly string[], say: Say): string | null {
  if (given === undefined || given === '' || given === 'bridge') return null;
  if (given === 'none' || given.startsWith('service:')) return given;
  say(at, `${given}: a network of its own`);
  return null;
}

/** Host directories that a container gets to manage the host itself: nothing replaces them. */
const hostsOwn = /^\/(etc|dev|proc|sys|run|var\/run)(\/|$)/;

/** Mounts of a project. Nothing of the host is mounted: a file becomes a config with its text, a folder an empty volume. */
class Binds {
  readonly texts: Record<string, string> = {};
  readonly volumes: Record<string, ProjectVolume> = {};
  readonly #around: Around;
  readonly #say: Say;

  constructor(around: Around, say: Say) {
    this.#around = around;
    this.#say = say;
  }

  of(name: string, from: AnsweredService): Pick<ProjectService, 'mounts' | 'configs'> {
    const configs: Record<string, string> = Object.fromEntries([
      ...(from.configs ?? []).map(({ source, target }) => [source, target ?? `/${source}`]),
      ...(from.secrets ?? []).map(({ source, target }) => [secretName(source), secretPath(target ?? source)]),
    ]);
    const at = ['services', name, 'volumes'];
    const mounts = (from.volumes ?? []).flatMap(({ type, source = '', target, read_only = false }): ProjectMount[] => {
      if (type === 'volume') return [{ type, source, target, readOnly: read_only }];
      if (type === 'tmpfs') return [{ type, source: '', target, readOnly: false }];
      const found = type === 'bind' ? this.#around.bindOf(source, this.#around.at(at)) : null;
      if (found === null || (found.kind === 'elsewhere' && hostsOwn.test(source))) {
        this.#say(at, `${source || type}: left out`);
        return [];
      }
      if (found.kind === 'file') {
        const config = slug('file', found.path);
        configs[config] = target;
        this.texts[config] = found.text ?? `stand-in for ${found.path}\n`;
        this.#say(at, `${found.path}: ${found.text === null ? 'no text, so a stand-in' : 'its text'}, as a config`);
        return [];
      }
      const volume = slug('folder', found.path);
      this.volumes[volume] = { driverOpts: {}, external: false, name: null };
      this.#say(at, `${found.path}: an empty volume`);
      return [{ type: 'volume', source: volume, target, readOnly: read_only }];
    });
    const tmpfs = (from.tmpfs ?? []).map(
      (text): ProjectMount => ({ type: 'tmpfs', source: '', target: text.replace(/:.*/, ''), readOnly: false }),
    );
    return { mounts: [...mounts, ...tmpfs], configs };
  }
}

const slug = (kind: string, path: string): string => `${kind}-${path.replace(/[^\w.-]+/g, '-').replace(/^-+/, '')}`;

function networkOf(project: string, name: string, from: AnsweredNetwork, say: Say): ProjectNetwork {
  const at = ['networks', name];
  if (from.driver !== undefined && from.driver !== 'bridge') say([...at, 'driver'], `${from.driver}: bridge`);
  return {
    internal: from.internal ?? false,
    subnet: from.ipam?.config?.[0]?.subnet ?? null,
    external: from.external ?? false,
    name: from.name === undefined || from.name === `${project}_${name}` ? null : from.name,
  };
}

/** What `mount` takes for a tmpfs: with `bind` among its options it would mount the device, a folder of the machine. */
const tmpfsOption =
  /^(?:|(?:size|mode|uid|gid|nr_inodes|nr_blocks|huge|mpol)=[\w.:%-]+|r[ow]|(?:no)?(?:exec|suid|dev|atime|diratime)|relatime|noswap)$/;

function volumeOf(project: string, name: string, from: AnsweredVolume, say: Say): ProjectVolume {
  const options = from.driver_opts ?? {};
  const isTmpfs = options.type === 'tmpfs' && (options.o ?? '').split(',').every(one => tmpfsOption.test(one));
  if (Object.keys(options).length > 0 && !isTmpfs)
    say(['volumes', name, 'driver_opts'], 'what is mounted elsewhere: a volume of its own');
  return {
    driverOpts: isTmpfs ? options : {},
    external: from.external ?? false,
    name: from.name === undefined || from.name === `${project}_${name}` ? null : from.name,
  };
}
