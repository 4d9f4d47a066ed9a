import { rebuildInMode } from '../../families/rebuild-modes.ts';
import { rebuilt, unsettled } from '../../transitions/generations.ts';

/**
 * Two rebuilds of the same configuration at the same time. Either may make the other fail, and which ended last is then not
 * known. If both claim success, the result is that of one (facts-debian13 F98).
 */
export default rebuildInMode({
  mode: 'twice',
  says: 'twice at the same time',
  mayFail: () => ['another rebuild is under way'],
  expected: (world, declaration, claim) =>
    claim.ok
      ? rebuilt(world, declaration, claim)
      : unsettled(world, declaration, 'of two rebuilds at the same time one failed'),
});
