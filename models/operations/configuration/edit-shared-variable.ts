import { editedEntries } from '../../families/entries.ts';
import { projectEdit } from '../../families/project-edit.ts';
import { type ComposeProject, isOn } from '../../machine/compose-project.ts';

interface SharedArgs extends Readonly<Record<string, string>> {
  readonly stack: string;
  readonly name: string;
}

/**
 * The operator changes a variable that several services have, in the `.env` or the env file that all of them read, and
 * rebuilds. Which file it stands in is gone once a compose file is resolved: what one file gives to all, they have alike.
 */
export default projectEdit<SharedArgs>({
  describe: ({ stack, name }) => `change the variable ${name} in the file that several services of ${stack} read`,
  choices: (project, stack) => {
    const names = Object.values(project.services).flatMap(({ environment }) => Object.keys(environment));
    return [...new Set(names)].filter(name => sharers(project, name).length > 1).map(name => ({ stack, name }));
  },
  change: (project, { name }) => {
    const changed = sharers(project, name).map(service => {
      const own = project.services[service] as ComposeProject['services'][string];
      return [service, { ...own, environment: editedEntries(own.environment, { name, edit: 'change' }) }] as const;
    });
    return { services: { ...project.services, ...Object.fromEntries(changed) } };
  },
});

/** The services that have a variable with the value that the first one that is switched on has. */
function sharers({ services, ...project }: ComposeProject, name: string): readonly string[] {
  const all = Object.entries(services).filter(([, { environment }]) => Object.hasOwn(environment, name));
  const first = all.find(([, service]) => isOn({ services, ...project }, service))?.[1];
  return all
    .filter(([, { environment }]) => environment[name] === first?.environment[name])
    .map(([service]) => service);
}
