import { behindItsBack, runsWell } from '../../containers.ts';

/** What a healthcheck asks for goes wrong inside a container: podman calls it unhealthy, and does nothing (S09). */
export default behindItsBack({
  needs: 'health sick',
  says: 'make unhealthy',
  possible: container => runsWell(container) && container.health === 'healthy',
  apply: (host, { stack, service }) => host.health(stack, service, 'sick'),
  becomes: container => ({ ...container, health: 'unhealthy' }),
});
