import type { ServiceDeclaration, StackDeclaration } from '../../models/machine/declaration.ts';
import { containerUnitOf, unitOf } from '../../models/machine/search-path.ts';
import { healthchecks, imageOf } from './compose.ts';

/** What the names of these units begin with: the name of NixOS' backend (facts.md F151). */
export const ociPrefix = 'podman-';

/**
 * A stack as the units of NixOS' module virtualisation.oci-containers, in our own words: for each service the unit
 * `podman-STACK-SERVICE.service` and its scripts, of which a rebuild makes store paths, and the unit of the network that they share,
 * which the module does not make: somebody writes it beside.
 */
export function ociFiles(
  stack: string,
  { services }: StackDeclaration,
  secrets: readonly string[],
  image: string,
): Readonly<Record<string, string>> {
  const files: Record<string, string> = { [`units/${networkUnitOf(stack)}`]: networkUnit(stack) };
  for (const [name, service] of Object.entries(services)) {
    const unit = containerUnit(stack, name);
    const scripts = unit.slice(0, -'.service'.length);
    files[`units/${unit}`] = serviceUnit(stack, name, service, scripts);
    for (const [script, lines] of Object.entries(scriptsOf(stack, name, service, secrets, image)))
      files[`scripts/${scripts}/${script}`] = text('#!/bin/bash', 'set -e', ...lines);
  }
  return files;
}

const containerUnit = (stack: string, service: string): string =>
  containerUnitOf({ ownUnits: true, ownUnitPrefix: ociPrefix }, stack, service);

/** No service has such a name, so that no other unit does. */
const networkOf = (stack: string): string => `${stack}_default`;
const networkUnitOf = (stack: string): string => `${ociPrefix}network-${networkOf(stack)}.service`;

/** As the module writes it, but for what is said to be beside it. */
const serviceUnit = (stack: string, name: string, service: ServiceDeclaration, scripts: string): string => {
  const before = [networkUnitOf(stack), ...service.dependsOn.map(other => containerUnit(stack, other))].join(' ');
  return text(
    '[Unit]',
    'Wants=network-online.target',
    `After=network-online.target ${before}`,
    `Requires=${before}`,
    '# Beside what the module writes: the stack stops and restarts its containers, and counts as started once they are.',
    `PartOf=${unitOf(stack)}`,
    `Before=${unitOf(stack)}`,
    'StartLimitIntervalSec=0',
    '[Service]',
    'Environment=PODMAN_SYSTEMD_UNIT=%n',
    `ExecStartPre=@${scripts}@/pre-start`,
    `ExecStart=@${scripts}@/start`,
    `ExecStop=@${scripts}@/pre-stop`,
    `ExecStopPost=@${scripts}@/post-stop`,
    'Type=notify',
    'NotifyAccess=all',
    ...(service.healthcheck === 'none' ? [] : ['Delegate=yes']),
    'User=root',
    `RuntimeDirectory=${stack}-${name}`,
    'TimeoutStopSec=120',
    '# The module has 0, which is no limit, and always.',
    'TimeoutStartSec=40',
    'Restart=no',
    '[Install]',
    `WantedBy=multi-user.target ${unitOf(stack)}`,
  );
};

function scriptsOf(
  stack: string,
  name: string,
  service: ServiceDeclaration,
  secrets: readonly string[],
  image: string,
): Readonly<Record<'pre-start' | 'start' | 'pre-stop' | 'post-stop', readonly string[]>> {
  const container = `${stack}-${name}`;
  const file = `/run/${container}/ctr-id`;
  const { healthcheck } = service;
  const flags = [
    `--name=${container}`,
    '--log-driver=journald',
    `--cidfile=${file}`,
    '--cgroups=enabled',
    `--sdnotify=${healthcheck === 'none' ? 'conmon' : 'healthy'}`,
    '-d',
    '--replace',
    `-e=GREETING=${service.greeting}`,
    '-e=STACK_MARKER=declared',
    ...secrets.map(secret => `--env-file=${secret}`),
    `-l=com.docker.compose.project=${stack}`,
    `-l=com.docker.compose.service=${name}`,
    ...(service.autoUpdate ? ['-l=io.containers.autoupdate=registry'] : []),
    '--rm',
    `--network=${networkOf(stack)}`,
    '--pull=missing',
    `--network-alias=${name}`,
    ...(healthcheck === 'none' ? [] : health(healthchecks[healthcheck])),
    imageOf(image, service.tag),
  ];
  return {
    'pre-start': [`podman rm -f ${container} || true`, `rm -f ${file}`],
    start: ['exec podman run \\', ...flags.map((flag, at) => `  ${quoted(flag)}${at + 1 < flags.length ? ' \\' : ''}`)],
    'pre-stop': [`podman stop --ignore --cidfile=${file}`],
    'post-stop': [`podman rm -f --ignore --cidfile=${file}`],
  };
}

/** The start of such a container ends when it is healthy. */
const health = (check: (typeof healthchecks)[keyof typeof healthchecks]): readonly string[] => [
  `--health-cmd=${check.test[1]}`,
  `--health-interval=${check.interval}`,
  `--health-retries=${check.retries}`,
  ...('start_period' in check ? [`--health-start-period=${check.start_period}`] : []),
];

const networkUnit = (stack: string): string =>
  text(
    '[Unit]',
    `PartOf=${unitOf(stack)}`,
    'StartLimitIntervalSec=0',
    '[Service]',
    'Type=oneshot',
    'RemainAfterExit=yes',
    `ExecStart=/usr/bin/podman network create --ignore --label com.docker.compose.project=${stack} ${networkOf(stack)}`,
    '# One that is in use stays.',
    `ExecStop=-/usr/bin/podman network rm ${networkOf(stack)}`,
  );

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

const text = (...lines: readonly string[]): string => `${lines.join('\n')}\n`;
