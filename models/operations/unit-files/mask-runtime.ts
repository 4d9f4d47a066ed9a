import { masking } from '../../families/unit-files.ts';
import { unitPath, verbDirectories } from '../../machine/search-path.ts';

/**
 * `systemctl --user mask --runtime`: this mask is weaker than Home Manager's link, and has no effect (facts.md F5; defects.md
 * D37).
 */
export default masking('mask --runtime', 'mask for this boot', ({ setup }, stack) =>
  unitPath(verbDirectories(setup.owner).runtime, stack),
);
