import { ownHomelab } from '../../models/own-homelab.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'A named volume of a stack stays, with what is in it, whatever becomes of the stack.',
  from: 'S04, S08, S12; plan, W1',
  broken(seen, world, history) {
    const last = history.at(-1);
    // With the user manager down podman is not asked for volumes.
    if (last === undefined || seen.volumes === undefined) return [];
    const [were, are] = [last.seenBefore.volumes ?? {}, seen.volumes];
    return Object.keys(world.volumes)
      .filter(name => last.before.volumes[name] !== undefined && were[name] !== undefined && are[name] !== were[name])
      .map(name =>
        are[name] === undefined ? `the volume ${name} is gone` : `the volume ${name} is another one than before`,
      );
  },
  example: {
    setup: ownHomelab,
    after: [{ operation: 'rebuild', args: {} }],
    lie: seen => ({ ...seen, volumes: { media_data: 2 } }),
  },
} satisfies Invariant;
