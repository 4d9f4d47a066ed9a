import { containerIdsOf } from './container.ts';
import { type Lever, quick } from './lever.ts';

/** Make the probe of a service's containers fail or pass, and run it until podman reports that: its own timer is slow. */
export const healing = (stack: string, service: string, state: 'unhealthy' | 'healthy'): Lever => ({
  title: `make ${stack}/${service} ${state}`,
  as: 'operator',
  timeoutMs: quick,
  kind: 'hand',
  script: `${containerIdsOf(stack, service)}
podman exec $ids ${state === 'unhealthy' ? '/bin/touch' : '/bin/rm -f'} /sick || exit
for try in 1 2 3 4 5 6; do
  podman healthcheck run $ids >/dev/null 2>&1
  health=$(podman inspect -f '{{.State.Health.Status}}' $ids) || exit
  [ "$health" != ${state === 'unhealthy' ? 'unhealthy' : 'healthy'} ] || exit 0
done
echo "its health does not change" >&2
exit 1`,
});
