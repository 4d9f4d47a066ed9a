import { containerDrift, runsWell } from '../../families/containers.ts';

/** A fault inside a container is repaired, and its healthcheck passes again (facts-debian13 F95). */
export default containerDrift({
  formerly: ['cure'],
  needs: 'health healthy',
  needsContainer: true,
  says: 'make healthy again',
  possible: container => runsWell(container) && container.health === 'unhealthy',
  apply: (host, { stack, service }) => host.health(stack, service, 'healthy'),
  becomes: container => ({ ...container, health: 'healthy' }),
});
