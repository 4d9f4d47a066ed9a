import { type ComposeProject, isOn, type ProjectService, projectEffect, projectSettings } from './compose-project.ts';
import { plainFields } from './container-fields.ts';
import type { ServiceDeclaration, StackDeclaration } from './declaration.ts';

/** A stack as an operator's own compose file declares it. */
export const ownStack = (stack: string, project: ComposeProject): Omit<StackDeclaration, 'revision'> => ({
  services: servicesOf(stack, project, {}, () => true),
  secrets: [],
  project,
});

/**
 * The same stack after an edit of its compose file. What other operations have changed of a service (its tag, GREETING, restart
 * policy …) stays; one that they have removed stays away.
 */
export function withProject(
  stack: string,
  before: StackDeclaration,
  project: ComposeProject,
): Pick<StackDeclaration, 'services' | 'project'> {
  const old = before.project;
  const isThere = (name: string): boolean => {
    const was = old?.services[name];
    return was === undefined || old === undefined || !isOn(old, was) || before.services[name] !== undefined;
  };
  const added = Object.entries(before.services).filter(([name]) => old?.services[name] === undefined);
  const services = { ...servicesOf(stack, project, before.services, isThere), ...Object.fromEntries(added) };
  return { services, project };
}

function servicesOf(
  stack: string,
  project: ComposeProject,
  before: StackDeclaration['services'],
  isThere: (name: string) => boolean,
): StackDeclaration['services'] {
  const on = Object.entries(project.services).filter(([name, service]) => isOn(project, service) && isThere(name));
  const names = new Set(on.map(([name]) => name));
  return Object.fromEntries(
    on.map(([name, service]) => [
      name,
      { ...(before[name] ?? initial(service)), ...follows(stack, project, service, names) },
    ]),
  );
}

/** What operations on probes may change later. */
const initial = (service: ProjectService): ServiceDeclaration => ({
  ...plainFields,
  tag: service.tag,
  autoUpdate: service.autoUpdate,
  restart: service.restart,
  healthcheck: service.hasHealthcheck ? 'passing' : 'none',
  unitLabel: 'right',
  dependsOn: [],
});

/** What follows from the compose file alone. */
const follows = (
  stack: string,
  project: ComposeProject,
  service: ProjectService,
  names: ReadonlySet<string>,
): Partial<ServiceDeclaration> => ({
  settings: projectSettings(stack, project, service),
  effect: projectEffect(project, service),
  dependsOn: Object.keys(service.dependsOn).filter(name => names.has(name)),
  ...(service.ends === null ? {} : { ends: service.ends }),
  ...(service.pull === 'always' ? { pull: 'always' as const } : {}),
});
