import { mutation, type ServiceArgs } from '../../families/mutation.ts';
import type { StackDeclaration } from '../../machine/declaration.ts';

interface RenameArgs extends ServiceArgs {
  readonly to: string;
}

/** The operator renames a service, and rebuilds (scenario S04). The names alternate: app, app2, app … */
export default mutation<RenameArgs>({
  describe: ({ stack, service, to }) => `rename service ${stack}/${service} to ${to}`,
  choices: (_now, at, { declared }) => {
    const to = at.service.endsWith('2') ? at.service.slice(0, -1) : `${at.service}2`;
    return declared.stacks[at.stack]?.services[to] === undefined ? [{ ...at, to }] : [];
  },
  change: (services, { service, to }) => renamed(services, service, to),
});

/** The services with one of them renamed, also in the dependencies of others. */
function renamed(services: StackDeclaration['services'], from: string, to: string): StackDeclaration['services'] {
  const name = (old: string) => (old === from ? to : old);
  return Object.fromEntries(
    Object.entries(services).map(([service, now]) => [name(service), { ...now, dependsOn: now.dependsOn.map(name) }]),
  );
}
