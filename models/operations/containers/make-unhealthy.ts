import { containerDrift, runsWell } from '../../families/containers.ts';

/** A healthcheck fails inside a container: podman reports it as unhealthy, and does nothing (S09). */
export default containerDrift({
  formerly: ['sicken'],
  needs: 'health unhealthy',
  needsContainer: true,
  says: 'make unhealthy',
  possible: container => runsWell(container) && container.health === 'healthy',
  apply: (host, { stack, service }) => host.health(stack, service, 'unhealthy'),
  becomes: container => ({ ...container, health: 'unhealthy' }),
});
