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
 * The same stack after an edit of its compose file. Changes that other operations made to a service (its tag, GREETING, restart
 * policy …) stay; a service that they removed stays removed.
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

/** The fields that operations on probes may change later. */
const initial = (service: ProjectService): ServiceDeclaration => ({
  ...plainFields,
  tag: service.tag,
  autoUpdate: service.autoUpdate,
  restart: service.restart,
  healthcheck: service.hasHealthcheck ? 'passing' : 'none',
  unitLabel: 'right',
  dependsOn: [],
});

/** The fields that come only from the compose file. */
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
