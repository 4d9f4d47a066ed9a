import { stackEdit } from '../../families/mutation.ts';
import { isSharedBy, withServiceRemoved } from '../../machine/own-stack.ts';

/**
 * The operator removes a service from a stack, and rebuilds; never the last one, nor one whose network another uses. Other
 * services no longer depend on it.
 */
export default stackEdit<{ stack: string; service: string }>({
  describe: ({ stack, service }) => `take the service ${stack}/${service} out`,
  choices: (declared, stack) => {
    const names = Object.keys(declared.services);
    if (names.length < 2) return [];
    return names.filter(service => !isSharedBy(declared, service)).map(service => ({ stack, service }));
  },
  change: (declared, { stack, service }) => withServiceRemoved(stack, declared, service),
});
