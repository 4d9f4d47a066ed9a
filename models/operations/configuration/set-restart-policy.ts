import { mutation, type ServiceArgs, withService } from '../../families/mutation.ts';
import { containerFields } from '../../machine/container-fields.ts';
import type { RestartPolicy } from '../../machine/declaration.ts';

interface PolicyArgs extends ServiceArgs {
  readonly restart: RestartPolicy;
}

const policies = containerFields.restart.oneOf;

/** The operator gives a service another restart policy, and rebuilds. */
export default mutation<PolicyArgs>({
  declares: 'restart',
  describe: ({ stack, service, restart }) => `give ${stack}/${service} the restart policy ${restart}`,
  choices: (now, at) => policies.filter(policy => policy !== now.restart).map(restart => ({ ...at, restart })),
  change: (services, { service, restart }) => withService(services, service, { restart }),
});
