import { mutation, type ServiceArgs, withService } from '../../families/mutation.ts';

interface GreetingArgs extends ServiceArgs {
  readonly greeting: string;
}

/** The operator changes an environment variable of a service, and rebuilds. */
export default mutation<GreetingArgs>({
  describe: ({ stack, service, greeting }) => `set GREETING of ${stack}/${service} to "${greeting}"`,
  choices: (now, at) =>
    ['hello', 'goodbye'].filter(word => word !== now.greeting).map(greeting => ({ ...at, greeting })),
  change: (services, { service, greeting }) => withService(services, service, { greeting }),
});
