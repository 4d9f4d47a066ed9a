import { mutation, type ServiceArgs, withService } from '../../families/mutation.ts';
import type { Healthcheck } from '../../machine/declaration.ts';

interface HealthArgs extends ServiceArgs {
  readonly healthcheck: Healthcheck;
}

const kinds: readonly Healthcheck[] = ['passing', 'none', 'failing', 'slow'];

/** The operator gives a service another healthcheck, also one that can never pass, and rebuilds (scenario S09). */
export default mutation<HealthArgs>({
  describe: ({ stack, service, healthcheck }) => `give ${stack}/${service} ${inWords[healthcheck]}`,
  choices: (now, at) => kinds.filter(kind => kind !== now.healthcheck).map(healthcheck => ({ ...at, healthcheck })),
  change: (services, { service, healthcheck }) => withService(services, service, { healthcheck }),
});

const inWords: Readonly<Record<Healthcheck, string>> = {
  none: 'no healthcheck',
  passing: 'a healthcheck that passes',
  failing: 'a healthcheck that fails',
  slow: 'a healthcheck that stays in starting',
};
