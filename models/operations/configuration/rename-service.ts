import { type ServiceArgs, stackEdit } from '../../families/mutation.ts';
import { withServiceRenamed } from '../../machine/own-stack.ts';

interface RenameArgs extends ServiceArgs {
  readonly to: string;
}

/** The operator renames a service, and rebuilds (scenario S04). The names alternate: app, app2, app … */
export default stackEdit<RenameArgs>({
  describe: ({ stack, service, to }) => `rename service ${stack}/${service} to ${to}`,
  choices: ({ services, project }, stack) =>
    Object.keys(services).flatMap(service => {
      const to = service.endsWith('2') ? service.slice(0, -1) : `${service}2`;
      const isTaken = services[to] !== undefined || project?.services[to] !== undefined;
      return isTaken ? [] : [{ stack, service, to }];
    }),
  change: (declared, { stack, service, to }) => withServiceRenamed(stack, declared, service, to),
});
