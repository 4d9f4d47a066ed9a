import {
  type ComposeProject,
  isOn,
  type ProjectService,
  projectEffect,
  projectSettings,
  sharedWith,
} from './compose-project.ts';
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

/** The stack with a service under another name, also where others speak of it. */
export function withServiceRenamed(
  stack: string,
  { services, project }: StackDeclaration,
  from: string,
  to: string,
): Pick<StackDeclaration, 'services' | 'project'> {
  const name = (old: string): string => (old === from ? to : old);
  const changed = Object.fromEntries(
    Object.entries(services).map(([service, now]) => [name(service), { ...now, dependsOn: now.dependsOn.map(name) }]),
  );
  if (project === undefined) return { services: changed };
  const own = Object.entries(project.services).map(([service, now]) => {
    const shares = sharedWith(now.networkMode);
    const dependsOn = Object.fromEntries(Object.entries(now.dependsOn).map(([other, how]) => [name(other), how]));
    return [name(service), { ...now, dependsOn, ...(shares === from && { networkMode: `service:${to}` }) }] as const;
  });
  return sameServices(stack, changed, { ...project, services: Object.fromEntries(own) });
}

/** The stack without a service; nothing depends on it any more. */
export function withServiceRemoved(
  stack: string,
  { services, project }: StackDeclaration,
  gone: string,
): Pick<StackDeclaration, 'services' | 'project'> {
  const { [gone]: _, ...others } = services;
  const changed = Object.fromEntries(
    Object.entries(others).map(([name, now]) => [
      name,
      { ...now, dependsOn: now.dependsOn.filter(other => other !== gone) },
    ]),
  );
  if (project === undefined) return { services: changed };
  const { [gone]: __, ...rest } = project.services;
  const own = Object.entries(rest).map(([name, now]) => {
    const { [gone]: ___, ...dependsOn } = now.dependsOn;
    return [name, { ...now, dependsOn }] as const;
  });
  return sameServices(stack, changed, { ...project, services: Object.fromEntries(own) });
}

/** The file with just these services. */
const sameServices = (
  stack: string,
  services: StackDeclaration['services'],
  project: ComposeProject,
): Pick<StackDeclaration, 'services' | 'project'> =>
  withProject(stack, { revision: 0, secrets: [], services, project }, project);

/**
 * Services that need a job which runs once, and do not say that they wait for its end, as `[service, job]`: whether they may start is
 * a matter of when they look (facts.md F171).
 */
export const needingJobs = ({ services, project }: StackDeclaration): readonly (readonly [string, string])[] =>
  Object.entries(services).flatMap(([name, { dependsOn }]) =>
    dependsOn
      .filter(other => services[other]?.ends !== undefined)
      .filter(other => project?.services[name]?.dependsOn[other] !== 'service_completed_successfully')
      .map(other => [name, other] as const),
  );

/** Whether another service uses this one's network, and cannot be without it. */
export const isSharedBy = ({ services, project }: StackDeclaration, service: string): boolean =>
  Object.keys(services).some(name => sharedWith(project?.services[name]?.networkMode ?? null) === service);

function servicesOf(
  stack: string,
  project: ComposeProject,
  before: StackDeclaration['services'],
  isThere: (name: string) => boolean,
): StackDeclaration['services'] {
  const on = Object.entries(project.services).filter(([name, service]) => isOn(project, service) && isThere(name));
  const names = new Set(on.map(([name]) => name));
  return Object.fromEntries(
    on.map(([name, service]) => {
      const { ends: _, pull: __, ...kept } = before[name] ?? initial(service);
      return [name, { ...kept, ...follows(stack, project, service, names) }];
    }),
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

/** The services that must be there first: those it says it depends on, and the one whose network it shares. */
const neededBy = ({ dependsOn, networkMode }: ProjectService): readonly string[] => {
  const shares = sharedWith(networkMode);
  return [...new Set([...Object.keys(dependsOn), ...(shares === null ? [] : [shares])])];
};

/** The fields that come only from the compose file. */
const follows = (
  stack: string,
  project: ComposeProject,
  service: ProjectService,
  names: ReadonlySet<string>,
): Partial<ServiceDeclaration> => ({
  settings: projectSettings(stack, project, service),
  effect: projectEffect(project, service),
  dependsOn: neededBy(service).filter(name => names.has(name)),
  ...(service.ends === null ? {} : { ends: service.ends }),
  ...(service.pull === 'always' ? { pull: 'always' as const } : {}),
});
