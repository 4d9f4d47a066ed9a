import { behindItsBack, runsWell } from '../../containers.ts';

/** What had gone wrong inside a container is right again, and its healthcheck says so (facts-debian13 F95). */
export default behindItsBack({
  needs: 'health well',
  says: 'make healthy again',
  possible: container => runsWell(container) && container.health === 'unhealthy',
  apply: (host, { stack, service }) => host.health(stack, service, 'well'),
  becomes: container => ({ ...container, health: 'healthy' }),
});
