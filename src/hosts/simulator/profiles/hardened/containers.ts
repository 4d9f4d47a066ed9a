import { volumeOptions } from '../../../../../models/machine/compose-project.ts';
import type { StackDeclaration } from '../../../../../models/machine/declaration.ts';
import { unitOf } from '../../../../../models/machine/search-path.ts';
import { declaredVolumes } from '../../../../../models/transitions/resources.ts';
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
  isNew = false,
): readonly string[] {
  const seen = projectContainers(machine, stack);
  const left = new Set(Object.keys(services));
  const hasItsName = (service: string) => seen.some(one => one.service === service && one.name === one.key);
  const lines: string[] = [];
  for (const container of seen) {
    const { service, state, health, unit } = container;
    const isOwn = container.name === container.key;
    if (!left.has(service) || (!isOwn && hasItsName(service))) {
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
    if (state === 'running') lines.push(...changedByHand(line, services[service], container));
    if (unit !== unitOf(stack)) lines.push(`${line} names the unit ${unit === '' ? '(none)' : unit}`);
    if (container.definition !== definition) lines.push(`${line} was made by another definition of the unit`);
    else if (!hasSecrets(machine, secrets, container)) lines.push(`${line} has an older text of a secret`);
  }
  return [
    ...lines,
    ...[...left]
      .filter(service => isNew || services[service]?.ends === undefined)
      .map(service => `container ${stack}/${service} is absent`),
  ];
}

/** What was changed by hand: the networks of a container, or the texts of its configs. */
function changedByHand(line: string, declared: Shown | undefined, container: Shown): readonly string[] {
  if (declared === undefined || declared.settings === '') return [];
  const networks = namesOf(container.settings, 'network');
  const isAttached = networks.join() === namesOf(declared.settings, 'network').join();
  const texts = linesOfKind(container.effect, 'config');
  return [
    ...(isAttached ? [] : [`${line} is on the networks ${networks.join()}`]),
    ...linesOfKind(declared.effect, 'config')
      .filter(text => !texts.includes(text))
      .map(text => `${line} has another text in ${text.split(' ')[1]}`),
  ];
}

type Shown = Pick<Container, 'settings' | 'effect'>;

const linesOfKind = (text: string, kind: string): readonly string[] =>
  text.split('\n').filter(line => line.startsWith(`${kind} `));

const namesOf = (text: string, kind: string): readonly string[] =>
  linesOfKind(text, kind)
    .map(line => line.split(' ')[1] ?? '')
    .sort();

/** `other_volumes`: existing volumes with other options than are declared. */
export const otherVolumes = ({ resources }: SimulatedMachine, stack: string, project: StackDeclaration) =>
  Object.entries(declaredVolumes(stack, project)).flatMap(([name, wanted]) => {
    const made = resources.get(`volume ${name}`)?.made;
    if (made === undefined || made === null || !('driverOpts' in made)) return [];
    const is = volumeOptions(made);
    return is === wanted
      ? []
      : [
          `volume ${name} has the options ${is || '(none)'}, not ${wanted}; save what is in it, then podman volume rm it`,
        ];
  });

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
    if (!missing.has(secret) && !malformed.has(secret)) return [];
    const path = `${operatorHome}/secrets/${secret}.env`;
    if (missing.has(secret)) return [`required secret ${path} is missing`];
    return malformed.has(secret) ? [`required secret ${path} is malformed in line 1`] : [];
  });
