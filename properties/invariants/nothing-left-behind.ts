import { expectedObservation } from '../../models/expected-observation.ts';
import { asBelieved } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'Nothing is left of a stack that is gone: no network, no pod, no volume, no mount, no temporary file.',
  from: 'S04, S09; plan, W1 (--remove-orphans); facts.md F29, F52, F56; defects.md D14, D26, D41',
  broken(seen, world) {
    if (asBelieved(seen, world)) return [];
    const { leftovers, vague } = expectedObservation(world);
    return seen.leftovers
      .filter(what => !leftovers.includes(what) && !vague?.leftovers.includes(what))
      .map(what => `${what} belongs to nothing`);
  },
  example: {
    after: [{ operation: 'remove-stack', args: { stack: 'duo' } }],
    lie: seen => ({ ...seen, leftovers: ['network duo_default'] }),
  },
} satisfies Invariant;
