import { type ComposeProject, isOn, type ProjectService } from '../machine/compose-project.ts';
import { withProject } from '../machine/own-stack.ts';
import type { Args, Operation } from '../operation.ts';
import { type ServiceArgs, stackEdit } from './mutation.ts';

/** One way to edit an operator's own compose file. */
export interface ProjectEdit<A extends Args & { readonly stack: string }> {
  describe(args: A): string;
  /** The arguments that would change this file, simplest first. */
  choices(project: ComposeProject, stack: string): readonly A[];
  change(project: ComposeProject, args: A): Partial<ComposeProject>;
}

/** The operation of editing a compose file, and rebuilding. There is nothing to choose where stacks are made of probes. */
export function projectEdit<A extends Args & { readonly stack: string }>(rule: ProjectEdit<A>): Operation<A> {
  // They follow from the file alone, and are asked for at every step.
  const known = new WeakMap<ComposeProject, readonly A[]>();
  const choices = (project: ComposeProject, stack: string): readonly A[] => {
    let found = known.get(project);
    if (found === undefined || found[0]?.stack !== stack) {
      found = rule.choices(project, stack);
      known.set(project, found);
    }
    return found;
  };
  return stackEdit<A>({
    describe: rule.describe,
    choices: ({ project }, stack) => (project === undefined ? none : choices(project, stack)),
    change: (before, args) => {
      const { project } = before;
      return project === undefined
        ? {}
        : withProject(args.stack, before, { ...project, ...rule.change(project, args) });
    },
  });
}

const none: readonly never[] = [];

/** One way to edit a service in such a file. */
export interface ServiceEdit<A extends ServiceArgs> {
  describe(args: A): string;
  /** The arguments that would change this service, simplest first. */
  choices(service: ProjectService, at: ServiceArgs, project: ComposeProject): readonly A[];
  change(service: ProjectService, args: A, project: ComposeProject): Partial<ProjectService>;
}

/** The operation of editing a service that is switched on in a compose file, and rebuilding. */
export const serviceEdit = <A extends ServiceArgs>(rule: ServiceEdit<A>): Operation<A> =>
  projectEdit<A>({
    describe: rule.describe,
    choices: (project, stack) =>
      Object.entries(project.services)
        .filter(([, service]) => isOn(project, service))
        .flatMap(([name, service]) => rule.choices(service, { stack, service: name }, project)),
    change: (project, args) => {
      const service = project.services[args.service];
      return service === undefined ? {} : withOwnService(project, args.service, rule.change(service, args, project));
    },
  });

/** The file with one of its services changed. */
export const withOwnService = (
  { services }: ComposeProject,
  name: string,
  change: Partial<ProjectService>,
): Pick<ComposeProject, 'services'> => {
  const service = services[name];
  return { services: service === undefined ? services : { ...services, [name]: { ...service, ...change } } };
};
