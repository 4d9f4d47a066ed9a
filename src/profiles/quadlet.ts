import type { ServiceDeclaration, StackDeclaration } from '../../models/machine/declaration.ts';
import { containerUnitOf, unitOf } from '../../models/machine/search-path.ts';
import { healthchecks, imageOf } from './compose.ts';

/**
 * A stack as quadlet files, by their names: one `.container` for each service, and the network that they share. Podman's
 * systemd generator makes the units NAME-SERVICE.service and NAME_default-network.service from them (podman-systemd.unit(5)).
 */
export function quadletFiles(
  stack: string,
  { services }: StackDeclaration,
  secrets: readonly string[],
  image: string,
): Readonly<Record<string, string>> {
  const containers = Object.entries(services).map(
    ([name, service]) => [`${stack}-${name}.container`, containerFile(stack, name, service, secrets, image)] as const,
  );
  return Object.fromEntries([...containers, [`${networkOf(stack)}.network`, networkFile(stack)]]);
}

/** No service can have such a name, so no other unit has it. */
const networkOf = (stack: string): string => `${stack}_default`;

/** Without the dependency on the network that the generator would add: the images come from this machine. */
const quadlet = ['[Quadlet]', 'DefaultDependencies=false'];

const networkFile = (stack: string): string =>
  text(
    ...quadlet,
    '[Unit]',
    `PartOf=${unitOf(stack)}`,
    'StartLimitIntervalSec=0',
    '[Network]',
    `NetworkName=${networkOf(stack)}`,
    ...labels(stack),
    '[Service]',
    '# The generator makes no command for it, and a network would outlive its stack. One that is in use stays.',
    `ExecStop=-/usr/bin/podman network rm ${networkOf(stack)}`,
  );

const containerFile = (
  stack: string,
  name: string,
  service: ServiceDeclaration,
  secrets: readonly string[],
  image: string,
): string =>
  text(
    ...quadlet,
    '[Unit]',
    '# The stack stops and restarts its containers, and counts as started once they are.',
    `PartOf=${unitOf(stack)}`,
    `Before=${unitOf(stack)}`,
    ...service.dependsOn.map(other => `After=${containerUnitOf({ ownUnits: true }, stack, other)}`),
    'StartLimitIntervalSec=0',
    '[Container]',
    `ContainerName=${stack}-${name}-1`,
    `Image=${imageOf(image, service.tag)}`,
    `Network=${networkOf(stack)}.network`,
    `NetworkAlias=${name}`,
    `Environment=${quoted(`GREETING=${service.greeting}`)} STACK_MARKER=declared`,
    ...secrets.map(file => `EnvironmentFile=${file}`),
    ...labels(stack, name),
    ...(service.autoUpdate ? ['AutoUpdate=registry'] : []),
    ...(service.healthcheck === 'none' ? [] : health(healthchecks[service.healthcheck])),
    '[Service]',
    'TimeoutStartSec=40',
    '[Install]',
    `WantedBy=${unitOf(stack)}`,
  );

/** With these labels a container is recognised as that of a service, as with compose. */
const labels = (stack: string, service?: string): readonly string[] => [
  `Label=com.docker.compose.project=${stack}`,
  ...(service === undefined ? [] : [`Label=com.docker.compose.service=${service}`]),
];

/** Its start waits until the container is healthy. */
const health = (check: (typeof healthchecks)[keyof typeof healthchecks]): readonly string[] => [
  `HealthCmd=${check.test[1]}`,
  `HealthInterval=${check.interval}`,
  `HealthRetries=${check.retries}`,
  ...('start_period' in check ? [`HealthStartPeriod=${check.start_period}`] : []),
  'Notify=healthy',
];

/** A word in systemd's syntax, in which `%` begins a specifier and, in a command, `$` a variable. */
const quoted = (word: string): string =>
  `"${word.replace(/["\\]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`;

const text = (...lines: readonly string[]): string => `${lines.join('\n')}\n`;
