import { rebuildInMode } from '../../families/rebuild-modes.ts';
import { mayHaveUpdated, movedBy, updated, updateMayFail, updateMustFail } from '../../families/update.ts';
import type { Claim } from '../../host.ts';
import type { Declaration } from '../../machine/declaration.ts';
import { rebuilt, unsettled } from '../../transitions/generations.ts';
import { withBuildsOf } from '../../transitions/images.ts';
import type { World } from '../../world.ts';

/**
 * A rebuild and an image update at the same time (scenario S08): if both claim success, the machine runs what is declared, and
 * what ran before with the newest images, in whichever order they ended.
 */
export default rebuildInMode({
  mode: 'beside-update',
  says: 'while the images are updated',
  possible: world => world.manager === 'running',
  mayFail: updateMayFail,
  mustFail: updateMustFail,
  expected: (world, declaration, claim) =>
    claim.ok
      ? inEitherOrder(world, declaration, claim)
      : // A rebuild that does not even begin, as where the store is full, says nothing of the update, which may have moved
        // tags.
        { ...unsettled(movedBy(claim, world), declaration, oneFailed), uncertain: oneFailed },
});

/**
 * The update finds what runs before the rebuild, or after it: a stack that did not run is updated only then. What it lists may tell
 * which came first.
 */
function inEitherOrder(world: World, declaration: Declaration, claim: Claim): World {
  const rebuiltFirst = rebuilt(world, declaration, claim);
  const last = updated(rebuiltFirst, claim);
  const first = rebuilt(updated(world, claim), declaration, claim);
  const [mayBeLast, mayBeFirst] = [mayHaveUpdated(rebuiltFirst, claim), mayHaveUpdated(world, claim)];
  if (mayBeLast === mayBeFirst) return withBuildsOf(last, first);
  return mayBeLast ? last : first;
}

const oneFailed = 'of a rebuild and an update at the same time one failed';
