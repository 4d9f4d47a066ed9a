import { containerDrift, runsWell } from '../../families/containers.ts';

/** What a healthcheck asks for goes wrong inside a container: podman calls it unhealthy, and does nothing (S09). */
export default containerDrift({
  formerly: ['sicken'],
  needs: 'health unhealthy',
  says: 'make unhealthy',
  possible: container => runsWell(container) && container.health === 'healthy',
  apply: (host, { stack, service }) => host.health(stack, service, 'unhealthy'),
  becomes: container => ({ ...container, health: 'unhealthy' }),
});
