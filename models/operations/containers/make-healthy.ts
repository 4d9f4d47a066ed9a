import { containerDrift, runsWell } from '../../families/containers.ts';

/** What had gone wrong inside a container is right again, and its healthcheck says so (facts-debian13 F95). */
export default containerDrift({
  formerly: ['cure'],
  needs: 'health healthy',
  says: 'make healthy again',
  possible: container => runsWell(container) && container.health === 'unhealthy',
  apply: (host, { stack, service }) => host.health(stack, service, 'healthy'),
  becomes: container => ({ ...container, health: 'healthy' }),
});
