import { rebuildInMode } from '../../families/rebuild-modes.ts';
import { movedBy, updated, updateMayFail, updateMustFail } from '../../families/update.ts';
import { rebuilt, unsettled } from '../../transitions/generations.ts';

/**
 * A rebuild and an image update at the same time (scenario S08): if both claim success, the machine runs what is declared with
 * the newest images, in whichever order they ended.
 */
export default rebuildInMode({
  mode: 'beside-update',
  says: 'while the images are updated',
  possible: world => world.manager === 'running',
  mayFail: updateMayFail,
  mustFail: updateMustFail,
  expected: (world, declaration, claim) =>
    claim.ok
      ? updated(rebuilt(world, declaration, claim))
      : // A rebuild that does not even begin, as where the store is full, says nothing of the update, which may have moved
        // tags.
        { ...unsettled(movedBy(claim, world), declaration, oneFailed), uncertain: oneFailed },
});

const oneFailed = 'of a rebuild and an update at the same time one failed';
