import { containerUnitOf } from '../../models/machine/search-path.ts';
import { withContainer } from '../altered.ts';
import { lastSuccess } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise:
    'A rebuild that had nothing to change, and claims success, leaves no container with other env files than its stack declares.',
  from: 'S03, S05; plan, success criterion 3; facts.md F160',
  // Right after the change that was not put in force, what other promises say of it comes first.
  sweeping: true,
  broken(seen, world, history) {
    const last = lastSuccess(history);
    if (last?.role !== 'rebuild' || last.before.uncertain !== null || world.uncertain !== null) return [];
    const { revision } = world.installed;
    if (last.before.installed.revision !== revision || last.before.declared.revision !== revision) return [];
    const { missingSecrets, malformedSecrets, setup } = world;
    const isUnusable = (secret: string) => missingSecrets.includes(secret) || malformedSecrets.includes(secret);
    return Object.entries(world.installed.stacks).flatMap(([stack, { services, secrets }]) =>
      Object.keys(services).flatMap(service => {
        const name = `${stack}/${service}`;
        const container = seen.containers[name];
        if (container?.state !== 'running' || container.unit !== containerUnitOf(setup.traits, stack, service))
          return [];
        const given = container.secretTexts.split(' ').flatMap(text => (text === '' ? [] : [text.slice(0, -2)]));
        return [
          ...given
            .filter(secret => !secrets.includes(secret))
            .map(secret => `container ${name} has the env file ${secret}, which ${stack} does not declare`),
          ...secrets
            .filter(secret => !given.includes(secret) && !isUnusable(secret))
            .map(secret => `container ${name} lacks the env file ${secret}, which ${stack} declares`),
        ].map(says => `${last.step.operation} claims success, and ${says}`);
      }),
    );
  },
  example: {
    after: [{ operation: 'rebuild', args: {} }],
    lie: seen => withContainer(seen, 'web/app', { secretTexts: 'web=1 web-extra=1' }),
  },
} satisfies Invariant;
