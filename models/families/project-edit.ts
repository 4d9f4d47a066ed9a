import type { ComposeProject, ProjectService } from '../machine/compose-project.ts';
import { withProject } from '../machine/own-stack.ts';
import type { Args, Operation } from '../operation.ts';
import { stackEdit } from './mutation.ts';

/** One way to edit an operator's own compose file. */
export interface ProjectEdit<A extends Args & { readonly stack: string }> {
  describe(args: A): string;
  /** The arguments that would change this file, simplest first. */
  choices(project: ComposeProject, stack: string): readonly A[];
  change(project: ComposeProject, args: A): Partial<ComposeProject>;
}

/** The operation of editing a compose file, and rebuilding. There is nothing to choose where stacks are made of probes. */
export const projectEdit = <A extends Args & { readonly stack: string }>(rule: ProjectEdit<A>): Operation<A> =>
  stackEdit<A>({
    describe: rule.describe,
    choices: ({ project }, stack) => (project === undefined ? [] : rule.choices(project, stack)),
    change: (before, args) => {
      const { project } = before;
      return project === undefined
        ? {}
        : withProject(args.stack, before, { ...project, ...rule.change(project, args) });
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
