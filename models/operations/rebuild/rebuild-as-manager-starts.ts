import { rebuildInMode } from '../../families/rebuild-modes.ts';
import { hasRefused } from '../../machine/outcome.ts';
import { onlyAsked, rebuildMustFail, rebuilt } from '../../transitions/generations.ts';
import { managerCannotStart } from '../../transitions/systemd.ts';
import { withManager } from '../../transitions/user-manager.ts';

/**
 * A rebuild while the user manager starts, as at boot: it waits, or says that it could not (facts.md F32; defects.md D21, D49).
 * The manager starts in any case, and starts what default.target wants.
 */
export default rebuildInMode({
  mode: 'as-manager-starts',
  says: 'while the user manager starts',
  possible: world => world.manager === 'down' && world.linger && managerCannotStart(world).length === 0,
  mayFail: () => ['the user manager is starting'],
  expected: (world, declaration, claim) => {
    const up = withManager(world);
    const isRefusal = hasRefused(claim) || rebuildMustFail(up, declaration).length === 0;
    return claim.ok || !isRefusal ? rebuilt(up, declaration, claim) : onlyAsked(up, declaration);
  },
});
