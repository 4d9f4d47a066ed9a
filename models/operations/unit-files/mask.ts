import { unitPath } from '../../search-path.ts';
import { masking } from '../../unit-files.ts';

/** `systemctl --user mask`: refused where Home Manager's link stands (facts.md F5). */
export default masking('mask', 'mask', stack => unitPath('~/.config/systemd/user', stack));
