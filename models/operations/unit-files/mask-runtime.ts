import { masking } from '../../families/unit-files.ts';
import { unitPath } from '../../machine/search-path.ts';

/** `systemctl --user mask --runtime`: a mask too weak to matter under Home Manager's link (facts.md F5; defects.md D37). */
export default masking('mask --runtime', 'mask for this boot', stack => unitPath('%t/systemd/user', stack));
