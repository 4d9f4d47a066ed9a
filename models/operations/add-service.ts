import { plainService } from '../additions.ts';
import { stackEdit } from '../mutation.ts';

/** The operator adds a service to a stack, and rebuilds. */
export default stackEdit<{ stack: string; service: string }>({
  describe: ({ stack, service }) => `add the service ${stack}/${service}`,
  choices: ({ services }, stack) => (services.aide === undefined ? [{ stack, service: 'aide' }] : []),
  change: ({ services }, { service }) => ({ services: { ...services, [service]: plainService } }),
});
