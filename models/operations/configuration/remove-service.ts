import { stackEdit } from '../../families/mutation.ts';

/** The operator removes a service from a stack, and rebuilds; never the last one. Other services no longer depend on it. */
export default stackEdit<{ stack: string; service: string }>({
  describe: ({ stack, service }) => `take the service ${stack}/${service} out`,
  choices: ({ services }, stack) => {
    const names = Object.keys(services);
    return names.length > 1 ? names.map(service => ({ stack, service })) : [];
  },
  change: ({ services }, { service }) => ({
    services: Object.fromEntries(
      Object.entries(services)
        .filter(([name]) => name !== service)
        .map(([name, now]) => [name, { ...now, dependsOn: now.dependsOn.filter(other => other !== service) }]),
    ),
  }),
});
