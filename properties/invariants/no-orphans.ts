import { expectedObservation } from '../../models/expected-observation.ts';
import { asBelieved, failedLast } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'No container and no health timer is left without the service that it belonged to.',
  from: 'S04, S09; plan, W1 (--remove-orphans); facts.md F51, F56, F58; defects.md D14, D41',
  broken(seen, world, history) {
    if (failedLast(history) || asBelieved(seen, world)) return [];
    const believed = expectedObservation(world);
    const orphans = Object.keys(seen.containers).filter(name => believed.containers[name] === undefined);
    return [
      ...orphans.map(name => `container ${name} is ${seen.containers[name]?.state}, and nothing declares it`),
      ...seen.strayTimers
        .filter(timer => !believed.strayTimers.includes(timer))
        .map(timer => `health timer ${timer} has no running container`),
    ];
  },
  example: {
    after: [{ operation: 'rename-service', args: { stack: 'web', service: 'app', to: 'app2' } }],
    lie: seen => {
      const renamed = seen.containers['web/app2'];
      return renamed === undefined ? seen : { ...seen, containers: { ...seen.containers, 'web/app': renamed } };
    },
  },
} satisfies Invariant;
