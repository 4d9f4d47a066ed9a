import { ownHomelab } from '../../models/own-homelab.ts';
import { withContainer } from '../altered.ts';
import { differencesIn, lastSuccess } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'After a command that claims success every field that a compose file declares is in force.',
  from: 'S03, S04, S12; plan, success criterion 3',
  broken(seen, world, history) {
    const last = lastSuccess(history);
    if (last === undefined || last.kind === 'drift') return [];
    return differencesIn(seen, world).settings.map(says => `${last.step.operation} claims success, but ${says}`);
  },
  example: {
    setup: ownHomelab,
    after: [{ operation: 'edit-config', args: { stack: 'media', config: 'site' } }],
    lie: seen => withContainer(seen, 'media/app', { effect: 'answers 18080\nconfig /etc/site.conf 00000000' }),
  },
} satisfies Invariant;
