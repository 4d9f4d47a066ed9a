import { stackOf } from '../../models/search-path.ts';
import { isRebuild } from '../../models/words.ts';
import type { Invariant } from '../invariant.ts';
import { lastSuccess } from '../looking.ts';
import { withContainer } from '../lying.ts';

export default {
  promise:
    'No command claims success over a container that is unhealthy, or stuck in starting, without a word about it.',
  from: 'S09; plan, W3.6; facts.md F57; facts-debian13 F95, F96; defects.md D07, D11',
  broken(seen, _world, history) {
    const last = lastSuccess(history);
    if (last === undefined || last.kind === 'drift') return [];
    const concerned = isRebuild(last.step.operation) ? null : stackOf(`${last.step.args.stack}-stack.service`);
    if (concerned === 'undefined' || last.step.operation === 'stop') return [];
    return Object.entries(seen.containers)
      .filter(([name]) => concerned === null || name.startsWith(`${concerned}/`))
      .filter(([, { state, health }]) => state === 'running' && (health === 'unhealthy' || health === 'starting'))
      .filter(([name]) => !last.claim.message.includes(name))
      .map(([name, { health }]) => `${last.step.operation} claims success, and container ${name} is ${health}`);
  },
  example: {
    after: [
      { operation: 'sicken', args: { stack: 'web', service: 'app' } },
      { operation: 'rebuild', args: {} },
    ],
    lie: seen => withContainer(seen, 'web/app', { health: 'unhealthy' }),
  },
} satisfies Invariant;
