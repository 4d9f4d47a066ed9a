import { mutation, type ServiceArgs, withService } from '../../families/mutation.ts';
import type { ServiceDeclaration } from '../../machine/declaration.ts';

interface LabelArgs extends ServiceArgs {
  readonly label: ServiceDeclaration['unitLabel'];
}

/** The operator declares another unit's label for a service, or the right one again, and rebuilds (facts.md F41). */
export default mutation<LabelArgs>({
  declares: 'unitLabel',
  describe: ({ stack, service, label }) => `declare the ${label} PODMAN_SYSTEMD_UNIT for ${stack}/${service}`,
  choices: (now, at) => [{ ...at, label: now.unitLabel === 'right' ? 'wrong' : 'right' }],
  change: (services, { service, label }) => withService(services, service, { unitLabel: label }),
});
