import { masking } from '../../families/unit-files.ts';
import { unitPath } from '../../machine/search-path.ts';

/** `systemctl --user mask --force`: replaces any link, also Home Manager's, but not a file (facts-debian13 F97). */
export default masking('mask --force', 'mask by force', stack => unitPath('~/.config/systemd/user', stack));
