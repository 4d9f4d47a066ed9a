import { outdated } from '../../models/families/update.ts';
import { withContainer } from '../altered.ts';
import { lastSuccess } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise:
    'An update that finds nothing newer restarts nothing, and leaves nothing pending: update and rebuild settle.',
  from: 'S08, S13; facts.md F42, F47, F60; facts-debian13 F93; defects.md D43',
  about: 'step',
  broken(seen, _world, history) {
    const last = lastSuccess(history);
    if (last?.role !== 'update') return [];
    if (outdated(last.before).length > 0 || last.before.uncertain !== null) return [];
    const restarted = Object.keys(seen.containers).filter(name => seen.containers[name]?.restarted);
    const claimed = (last.claim.updates ?? []).filter(({ updated }) => updated === 'true' || updated === 'pending');
    return [
      ...restarted.map(name => `container ${name} was started anew, and there was nothing newer`),
      ...claimed.map(({ unit }) => `the update of ${unit} is claimed, and there was nothing newer`),
    ];
  },
  example: {
    after: [{ operation: 'auto-update', args: {} }],
    lie: seen => withContainer(seen, 'web/app', { restarted: true }),
  },
} satisfies Invariant;
