import type {
  ComposeProject,
  DependencyCondition,
  ProjectMount,
  ProjectNetwork,
  ProjectPort,
  ProjectService,
  ProjectVolume,
} from '../../models/machine/compose-project.ts';
import { isPinned } from './image.ts';

/** What `docker compose config --format json` says of a project, as far as anything here depends on it. */
export interface ComposeAnswer {
  readonly name: string;
  readonly services?: Readonly<Record<string, AnsweredService>>;
  readonly networks?: Readonly<Record<string, AnsweredNetwork | null>>;
  readonly volumes?: Readonly<Record<string, AnsweredVolume | null>>;
  readonly configs?: Readonly<Record<string, AnsweredText | null>>;
  readonly secrets?: Readonly<Record<string, AnsweredText | null>>;
}

type Texts = Readonly<Record<string, string>>;
type Tree = Readonly<Record<string, unknown>>;

interface AnsweredService extends Tree {
  readonly image?: string;
  readonly command?: readonly string[] | null;
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly labels?: Texts;
  readonly user?: string;
  readonly working_dir?: string;
  readonly hostname?: string;
  readonly restart?: string;
  readonly healthcheck?: { readonly disable?: boolean; readonly test?: readonly string[] };
  readonly ports?: readonly {
    readonly host_ip?: string;
    readonly target: number;
    readonly published?: string;
    readonly protocol?: string;
  }[];
  readonly volumes?: readonly {
    readonly type: string;
    readonly source?: string;
    readonly target: string;
    readonly read_only?: boolean;
  }[];
  readonly tmpfs?: readonly string[];
  readonly networks?: Readonly<Record<string, Tree | null>>;
  readonly network_mode?: string;
  readonly configs?: readonly { readonly source: string; readonly target?: string }[];
  readonly secrets?: readonly { readonly source: string; readonly target?: string }[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly profiles?: readonly string[];
  readonly pull_policy?: string;
}

interface AnsweredNetwork {
  readonly name?: string;
  readonly driver?: string;
  readonly internal?: boolean;
  readonly external?: boolean;
  readonly ipam?: { readonly config?: readonly { readonly subnet?: string }[] };
}

interface AnsweredVolume {
  readonly name?: string;
  readonly external?: boolean;
  readonly driver_opts?: Texts;
}

interface AnsweredText {
  readonly content?: string;
  readonly file?: string;
}

/** Something of a file that comes in otherwise than it is written: where it stands, what it is, and what becomes of it. */
export interface Remark {
  readonly path: readonly string[];
  readonly what: string;
}

export interface TakenProject {
  readonly project: ComposeProject;
  readonly remarks: readonly Remark[];
}

/** Keys that are handed on as they are: a container of a stand-in can have them, and nobody looks at them. */
const handedOn = [
  ...['cap_add', 'cap_drop', 'dns', 'dns_opt', 'dns_search', 'expose', 'extra_hosts', 'init', 'stdin_open', 'tty'],
  ...['stop_grace_period', 'stop_signal', 'security_opt'],
];

/** Keys that are read here, or that say nothing that a machine would show. */
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

/** Ports that a lab machine itself has in use, and those that an operator without root cannot publish. */
const isTaken = (port: number): boolean => port < 1024 || port === 5000 || port === 5001;

/**
 * What a provider made of a compose file, in the form that the model knows: images replaced by the probe's builds.
 * @param textOf the text of a file that a config names, by its path as the provider says it.
 * @param version the build that stands for an image of one version.
 */
export function projectOf(
  answer: ComposeAnswer,
  textOf: (path: string) => string | null,
  version: string,
): TakenProject {
  const remarks: Remark[] = [];
  const say = (path: readonly string[], what: string): void => void remarks.push({ path, what });
  const services = answer.services ?? {};
  const awaited = new Set(
    Object.values(services).flatMap(({ depends_on = {} }) =>
      Object.entries(depends_on)
        .filter(([, { condition }]) => condition === 'service_completed_successfully')
        .map(([name]) => name),
    ),
  );
  const texts: Record<string, string> = {};
  for (const [name, config] of Object.entries(answer.configs ?? {})) {
    const text = config?.content ?? (config?.file === undefined ? null : textOf(config.file));
    if (text === null) say(['configs', name], 'a config from elsewhere: a stand-in text');
    texts[name] = text === null ? `stand-in for the config ${name}\n` : plain(text);
  }
  for (const name of Object.keys(answer.secrets ?? {})) texts[secretName(name)] = `stand-in for the secret ${name}\n`;
  const whole = Object.entries(services).map(
    ([name, service]) => [name, serviceOf(name, service, awaited.has(name), version, say)] as const,
  );
  const volumes = Object.entries(answer.volumes ?? {}).map(
    ([name, volume]) => [name, volumeOf(answer.name, name, volume ?? {}, say)] as const,
  );
  const networks = Object.entries(answer.networks ?? {}).map(
    ([name, network]) => [name, networkOf(answer.name, name, network ?? {}, say)] as const,
  );
  const used = new Set(whole.flatMap(([, service]) => Object.keys(service.configs)));
  return {
    project: {
      services: Object.fromEntries(whole),
      networks: Object.fromEntries(networks),
      volumes: Object.fromEntries(volumes),
      configs: Object.fromEntries(Object.entries(texts).filter(([name]) => used.has(name))),
      profiles: [],
    },
    remarks,
  };
}

type Say = (path: readonly string[], what: string) => void;

/** Compose doubles `$` in what it prints, since it would fill in variables otherwise. */
const plain = (text: string): string => text.replaceAll('$$', '$');

const plainEach = (texts: Texts): Texts =>
  Object.fromEntries(Object.entries(texts).map(([key, value]) => [key, plain(value)]));

/** Secrets are configs here: a text in a place. */
const secretName = (name: string): string => `secret-${name}`;

function serviceOf(name: string, from: AnsweredService, isAwaited: boolean, version: string, say: Say): ProjectService {
  const at = ['services', name];
  for (const key of Object.keys(from))
    if (!understood.has(key) && !isNothing(from[key])) say([...at, key], leftOut[key] ?? 'left out');
  const { 'io.containers.autoupdate': update, ...labels } = plainEach(from.labels ?? {});
  const said = from['x-stackfuzz'] as { readonly ends?: unknown } | undefined;
  const ends = typeof said?.ends === 'number' ? said.ends : isAwaited ? 0 : null;
  const environment = Object.entries(from.environment ?? {}).filter(([, value]) => value !== null) as [
    string,
    string,
  ][];
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
    ports: portsOf(from.ports ?? [], [...at, 'ports'], say),
    mounts: mountsOf(from, at, say),
    networks: Object.keys(from.networks ?? {}),
    networkMode: networkModeOf(from.network_mode, [...at, 'network_mode'], say),
    configs: Object.fromEntries([
      ...(from.configs ?? []).map(({ source, target }) => [source, target ?? `/${source}`]),
      ...(from.secrets ?? []).map(({ source, target }) => [secretName(source), secretPath(target ?? source)]),
    ]),
    dependsOn: Object.fromEntries(
      Object.entries(from.depends_on ?? {}).map(([other, { condition }]) => [other, condition as DependencyCondition]),
    ),
    profiles: from.profiles ?? [],
    pull: from.pull_policy === 'always' ? 'always' : 'missing',
    ends,
    rest,
  };
}

/** What becomes of keys that are not handed on, where it is more than nothing. */
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
  say(at, `${given}: the stand-in's image has no such user, 1000`);
  return '1000';
}

function networkModeOf(given: string | undefined, at: readonly string[], say: Say): string | null {
  if (given === undefined || given === '' || given === 'bridge') return null;
  if (given === 'none' || given === 'host' || given.startsWith('service:')) return given;
  say(at, `${given}: none`);
  return 'none';
}

function portsOf(
  given: NonNullable<AnsweredService['ports']>,
  at: readonly string[],
  say: Say,
): readonly ProjectPort[] {
  return given.flatMap(({ host_ip = '', published = '', target, protocol = 'tcp' }) => {
    if (published === '' || published.includes('-')) {
      say(at, `${target}: published wherever there is room, so not at all`);
      return [];
    }
    const isHere = ['', '0.0.0.0', '127.0.0.1'].includes(host_ip);
    if (!isHere) say(at, `address ${host_ip}: all addresses`);
    const wanted = Number(published);
    const there = isTaken(wanted) ? wanted + 10_000 : wanted;
    if (there !== wanted) say(at, `${wanted}: published as ${there}`);
    const address = isHere && host_ip !== '0.0.0.0' ? host_ip : '';
    return [{ address, published: there, target, protocol: protocol === 'udp' ? 'udp' : 'tcp' }];
  });
}

function mountsOf(from: AnsweredService, at: readonly string[], say: Say): readonly ProjectMount[] {
  const mounts = (from.volumes ?? []).flatMap(({ type, source = '', target, read_only = false }): ProjectMount[] => {
    if (type === 'volume') return [{ type, source, target, readOnly: read_only }];
    if (type === 'tmpfs') return [{ type, source: '', target, readOnly: false }];
    say([...at, 'volumes'], `${target}, a ${type} mount: an anonymous volume`);
    return [{ type: 'volume', source: '', target, readOnly: false }];
  });
  const tmpfs = (from.tmpfs ?? []).map(
    (text): ProjectMount => ({ type: 'tmpfs', source: '', target: text.replace(/:.*/, ''), readOnly: false }),
  );
  return [...mounts, ...tmpfs];
}

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

function volumeOf(project: string, name: string, from: AnsweredVolume, say: Say): ProjectVolume {
  const options = from.driver_opts ?? {};
  const isTmpfs = options.type === 'tmpfs';
  if (Object.keys(options).length > 0 && !isTmpfs)
    say(['volumes', name, 'driver_opts'], 'what is mounted elsewhere: a volume of its own');
  return {
    driverOpts: isTmpfs ? options : {},
    external: from.external ?? false,
    name: from.name === undefined || from.name === `${project}_${name}` ? null : from.name,
  };
}
