import type { ContainerSeen } from '../../models/observation.ts';
import { isRebuild } from '../../models/role.ts';
import { withContainer } from '../altered.ts';
import { lastSuccess } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise:
    'No rebuild, and no start, claims success over a container that is unhealthy, or stuck in starting, without a word.',
  from: 'S09; plan, W3.6; facts.md F57; facts-debian13 F95, F96; defects.md D07, D11',
  broken(seen, _world, history) {
    const last = lastSuccess(history);
    if (last === undefined) return [];
    const { operation, args } = last.step;
    // To start a unit that is active does nothing.
    const isStart = last.role === 'start' && seen.units[`${args.stack}-stack.service`]?.restarted;
    if (!isStart && !isRebuild(last.role)) return [];
    const sentences: string[] = [];
    for (const name in seen.containers) {
      const { state, health } = seen.containers[name] as ContainerSeen;
      if (state !== 'running' || (health !== 'unhealthy' && health !== 'starting')) continue;
      if ((isStart && !name.startsWith(`${args.stack}/`)) || last.claim.message.includes(name)) continue;
      sentences.push(`${operation} claims success, and container ${name} is ${health}`);
    }
    return sentences;
  },
  example: {
    after: [
      { operation: 'make-unhealthy', args: { stack: 'web', service: 'app' } },
      { operation: 'rebuild', args: {} },
    ],
    lie: seen => withContainer(seen, 'web/app', { health: 'unhealthy' }),
  },
} satisfies Invariant;
