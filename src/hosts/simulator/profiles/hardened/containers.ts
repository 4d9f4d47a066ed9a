import type { StackDeclaration } from '../../../../../models/machine/declaration.ts';
import { unitOf } from '../../../../../models/machine/search-path.ts';
import { readProject } from '../../compose/compose.ts';
import { type Container, operatorHome, type SimulatedMachine } from '../../machine.ts';
import { containerRemoved, containerStopped, isUp, nameOf, projectContainers, textsIn } from '../../podman/podman.ts';

/** `definition_of`: the variables of a unit that differ between definitions, and its compose file. */
export const definitionOf = (revision: number | null, marker: string | null, project: StackDeclaration): string =>
  `${revision} ${marker}\n${readProject(project).text}`;

/**
 * `wrong_containers`: what is wrong with the containers of a stack, one line each, compared with a unit file and its
 * definition.
 */
export function wrongContainers(
  machine: SimulatedMachine,
  stack: string,
  { services, secrets }: StackDeclaration,
  definition: string,
): readonly string[] {
  const seen = projectContainers(machine, stack);
  const left = new Set(Object.keys(services));
  const named = new Set(seen.filter(({ name, key }) => name === key).map(({ service }) => service));
  const lines: string[] = [];
  for (const container of seen) {
    const { service, state, health, unit } = container;
    const isOwn = container.name === container.key;
    if (!left.has(service) || (named.has(service) && !isOwn)) {
      lines.push(`container ${stack}/${service} (${nameOf(machine, container)}) is one too many`);
      continue;
    }
    left.delete(service);
    const line = `container ${stack}/${service}`;
    if (!isOwn) lines.push(`${line} is called ${nameOf(machine, container)}`);
    const ended = services[service]?.ends;
    if (ended !== undefined && state === 'exited') {
      if (ended !== 0) lines.push(`${line} ended with ${ended}`);
    } else if (state !== 'running') lines.push(`${line} is ${state}, not running`);
    else if (health !== '' && health !== 'healthy') lines.push(`${line} is ${health}`);
    if (unit !== unitOf(stack)) lines.push(`${line} names the unit ${unit === '' ? '(none)' : unit}`);
    if (container.definition !== definition) lines.push(`${line} was made by another definition of the unit`);
    else if (!hasSecrets(machine, secrets, container)) lines.push(`${line} has an older text of a secret`);
  }
  return [
    ...lines,
    ...[...left]
      .filter(service => services[service]?.ends === undefined)
      .map(service => `container ${stack}/${service} is absent`),
  ];
}

/** `has_secrets`: whether the container was given the secrets as they are now; secrets that cannot be used do not count. */
function hasSecrets(machine: SimulatedMachine, secrets: readonly string[], { given }: Container): boolean {
  const had = given.split(' ');
  return secrets.every(secret => {
    const now = textsIn(machine, [secret]);
    return now === '' || had.includes(now);
  });
}

/** `stop_project`: stops every container of a project that podman lists as running, whatever podman says of the result (F84). */
export function stopProject(machine: SimulatedMachine, stack: string): void {
  for (const container of projectContainers(machine, stack)) if (isUp(container)) containerStopped(container);
}

/** `remove_project`. */
export function removeProject(machine: SimulatedMachine, stack: string): void {
  for (const container of projectContainers(machine, stack)) containerRemoved(machine, container);
}

/** `unusable_secrets`: why secrets of a unit file cannot be used. */
export const unusableSecrets = ({ secrets: { missing, malformed } }: SimulatedMachine, needed: readonly string[]) =>
  needed.flatMap(secret => {
    const path = `${operatorHome}/secrets/${secret}.env`;
    if (missing.has(secret)) return [`required secret ${path} is missing`];
    return malformed.has(secret) ? [`required secret ${path} is malformed in line 1`] : [];
  });
