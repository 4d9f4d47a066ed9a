import { stackEdit } from '../../families/mutation.ts';
import { newService, plainService } from '../../machine/additions.ts';

/** The operator adds a service to a stack, and rebuilds. */
export default stackEdit<{ stack: string; service: string }>({
  describe: ({ stack, service }) => `add the service ${stack}/${service}`,
  choices: ({ services }, stack) => (services[newService] === undefined ? [{ stack, service: newService }] : []),
  change: ({ services }, { service }) => ({ services: { ...services, [service]: plainService } }),
});
