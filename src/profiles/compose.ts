import { stringify } from 'yaml';
import { type ComposeProject, isOn, type ProjectService, portText } from '../../models/machine/compose-project.ts';
import type { ServiceDeclaration, StackDeclaration } from '../../models/machine/declaration.ts';
import { unitOf } from '../../models/machine/search-path.ts';
import type { Additions, Tree } from './types.ts';

/** The probe image in the registry of a lab machine, without a tag. */
export const usualImage = 'localhost:5000/probe';

/** The text of a stack's compose file: the declaration, with what the profile adds. */
export function composeFile(
  name: string,
  stack: StackDeclaration,
  secrets: readonly string[],
  additions: Additions,
  fill: (tree: unknown) => unknown,
  image = usualImage,
): string {
  const { project } = stack;
  const services = Object.entries(stack.services).map(([service, declared]) => {
    const own = project?.services[service];
    const tree = serviceTree(name, declared, secrets, image);
    const whole = own === undefined ? tree : merged(tree, ownTree(own, project as ComposeProject, declared.dependsOn));
    return [service, merged(whole, fill(additions.service) as Tree)];
  });
  const off = project === undefined ? [] : switchedOff(name, project, image);
  const resources = project === undefined ? {} : resourceTrees(project);
  const document = { name, services: Object.fromEntries([...services, ...off]), ...resources };
  return stringify(merged(document, fill(additions.document) as Tree));
}

/** Services that their compose profiles switch off are in the file too. */
const switchedOff = (stack: string, project: ComposeProject, image: string): readonly (readonly [string, Tree])[] =>
  Object.entries(project.services)
    .filter(([, service]) => !isOn(project, service))
    .map(([name, service]) => {
      const labels = { PODMAN_SYSTEMD_UNIT: unitOf(stack) };
      return [
        name,
        merged(ownTree(service, project, Object.keys(service.dependsOn)), {
          image: imageOf(image, service.tag),
          profiles: service.profiles,
          labels,
        }),
      ];
    });

/** What an operator's own compose file says of a service, without its image and healthcheck. */
const ownTree = (
  own: ProjectService,
  { mountsConfigs }: ComposeProject,
  dependsOn: readonly string[],
  files: readonly Tree[] = mountsConfigs ? Object.entries(own.configs).map(fileTree) : [],
): Tree => ({
  ...own.rest,
  entrypoint: ['/bin/sh', '-c', literal(standIn(own)), 'stand-in'],
  ...(own.command === null ? {} : { command: own.command.map(literal) }),
  environment: Object.fromEntries(Object.entries(own.environment).map(([key, value]) => [key, literal(value)])),
  labels: Object.fromEntries(Object.entries(own.labels).map(([key, value]) => [key, literal(value)])),
  ...(own.user === null ? {} : { user: own.user }),
  ...(own.workingDir === null ? {} : { working_dir: own.workingDir }),
  ...(own.hostname === null ? {} : { hostname: own.hostname }),
  ...(mayNotListen(own) ? { sysctls: { 'net.ipv4.ip_unprivileged_port_start': 0 } } : {}),
  ...(own.ports.length === 0 ? {} : { ports: own.ports.map(port => portText(port).replace(/^:/, '')) }),
  ...(own.mounts.length + files.length === 0 ? {} : { volumes: [...own.mounts.map(mountTree), ...files] }),
  ...(own.networkMode === null ? {} : { network_mode: own.networkMode }),
  ...(own.networks.length === 0 ? {} : { networks: own.networks }),
  ...(Object.keys(own.configs).length === 0 || mountsConfigs
    ? {}
    : { configs: Object.entries(own.configs).map(([source, target]) => ({ source, target })) }),
  ...(dependsOn.length === 0 ? {} : { depends_on: conditions(own, dependsOn) }),
  ...(own.pull === 'always' ? { pull_policy: 'always' } : {}),
});

/** A file beside the compose file. */
const fileTree = ([name, target]: readonly [string, string]): Tree => ({
  type: 'bind',
  source: `./${name}`,
  target,
  read_only: true,
});

const conditions = (own: ProjectService, dependsOn: readonly string[]): Tree =>
  Object.fromEntries(dependsOn.map(on => [on, { condition: own.dependsOn[on] ?? 'service_started' }]));

/** The command that replaces the program of the image: it answers on the published ports, and ends if the service is a job. */
const standIn = ({ ends, ports }: ProjectService): string => {
  if (ends !== null) return `echo stand-in; exit ${ends}`;
  const listening = ports
    .filter(({ protocol }) => protocol === 'tcp')
    .map(({ target }) => `httpd -p ${target} -h /bin || echo "port ${target} is not answered" >&2;`);
  return ["trap 'exit 0' TERM INT; echo stand-in;", ...listening, 'while :; do sleep 1000000 & wait $!; done'].join(
    ' ',
  );
};

/**
 * Whether the stand-in may not listen on a port: with podman a port below 1024 needs root, with docker it does not, and the
 * program that it replaces may have a capability for it.
 */
const mayNotListen = ({ user, ports, networkMode, ends }: ProjectService): boolean =>
  user !== null &&
  !/^(?:0|root)(?::|$)/.test(user) &&
  networkMode === null &&
  ends === null &&
  ports.some(({ protocol, target }) => protocol === 'tcp' && target < 1024);

/** Podman-compose 1.3 understands an anonymous volume in the short form only. */
const mountTree = ({ type, source, target, readOnly }: ProjectService['mounts'][number]): Tree | string =>
  type === 'volume' && source === ''
    ? target
    : { type, ...(source === '' ? {} : { source }), target, ...(readOnly ? { read_only: true } : {}) };

/** The networks, volumes and configs of a project. */
function resourceTrees({ networks, volumes, configs, mountsConfigs }: ComposeProject): Tree {
  const networkTree = ({ internal, subnet, external, name }: ComposeProject['networks'][string]): Tree => ({
    ...(internal ? { internal } : {}),
    ...(subnet === null ? {} : { ipam: { config: [{ subnet }] } }),
    ...(external ? { external } : {}),
    ...(name === null ? {} : { name }),
  });
  const volumeTree = ({ driverOpts, external, name }: ComposeProject['volumes'][string]): Tree => ({
    ...(Object.keys(driverOpts).length === 0 ? {} : { driver: 'local', driver_opts: driverOpts }),
    ...(external ? { external } : {}),
    ...(name === null ? {} : { name }),
  });
  const each = <T>(all: Readonly<Record<string, T>>, tree: (one: T) => Tree): Tree =>
    Object.fromEntries(Object.entries(all).map(([name, one]) => [name, tree(one)]));
  return {
    ...(Object.keys(networks).length === 0 ? {} : { networks: each(networks, networkTree) }),
    ...(Object.keys(volumes).length === 0 ? {} : { volumes: each(volumes, volumeTree) }),
    ...(Object.keys(configs).length === 0 || mountsConfigs
      ? {}
      : { configs: each(configs, content => ({ content: literal(content) })) }),
  };
}

const serviceTree = (stack: string, declared: ServiceDeclaration, secrets: readonly string[], image: string): Tree => ({
  image: imageOf(image, declared.tag),
  // The marker comes from the unit, so that a container shows from which definition of the unit it was made.
  environment: { GREETING: literal(declared.greeting), STACK_MARKER: '$STACK_MARKER' },
  ...(secrets.length > 0 ? { env_file: secrets } : {}),
  labels: {
    PODMAN_SYSTEMD_UNIT: declared.unitLabel === 'right' ? unitOf(stack) : 'another.service',
    ...(declared.autoUpdate ? { 'io.containers.autoupdate': 'registry' } : {}),
  },
  ...(declared.healthcheck === 'none' ? {} : { healthcheck: healthchecks[declared.healthcheck] }),
  ...(declared.restart === 'no' ? {} : { restart: declared.restart }),
  ...(declared.dependsOn.length > 0 ? { depends_on: declared.dependsOn } : {}),
});

/** For a digest stackfuzz writes @digest:v2@; on the machine it is replaced by the digest of that build. */
export const imageOf = (image: string, tag: string): string =>
  tag.startsWith('@') ? `${image}@@digest:${tag.slice(1)}@` : `${image}:${tag}`;

/** A probe that can be made to fail from outside, one that always fails, and one whose failures do not count for hours. */
export const healthchecks = {
  passing: { test: ['CMD-SHELL', 'test ! -e /sick'], interval: '30s', retries: 1 },
  failing: { test: ['CMD-SHELL', 'false'], interval: '30s', retries: 1 },
  slow: { test: ['CMD-SHELL', 'false'], interval: '30s', retries: 1, start_period: '6h' },
} as const;

/** Compose replaces `$NAME`; a doubled `$` stands for itself. */
const literal = (text: string): string => text.replaceAll('$', '$$$$');

/** Two trees merged; if both have a value that is no map, the second one counts. */
function merged(first: Tree, second: Tree): Tree {
  const both: Record<string, unknown> = { ...first };
  for (const [key, value] of Object.entries(second)) {
    const before = both[key];
    both[key] = isTree(before) && isTree(value) ? merged(before, value) : value;
  }
  return both;
}

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);
