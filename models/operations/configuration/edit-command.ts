import type { ServiceArgs } from '../../families/mutation.ts';
import { serviceEdit } from '../../families/project-edit.ts';

const flag = '--verbose';

/** The operator gives the command of a service one argument more, or takes it away again, and rebuilds. */
export default serviceEdit<ServiceArgs>({
  describe: ({ stack, service }) => `change the command of ${stack}/${service}`,
  choices: ({ command }, at) => (command === null ? [] : [at]),
  change: ({ command }) => ({
    command: command?.includes(flag) ? command.filter(word => word !== flag) : [...(command ?? []), flag],
  }),
});
