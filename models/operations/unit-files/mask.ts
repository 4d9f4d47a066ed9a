import { masking } from '../../families/unit-files.ts';
import { unitPath } from '../../machine/search-path.ts';

/** `systemctl --user mask`: refused where Home Manager's link exists (facts.md F5). */
export default masking('mask', 'mask', stack => unitPath('~/.config/systemd/user', stack));
