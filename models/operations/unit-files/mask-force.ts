import { masking, unitInConfig } from '../../families/unit-files.ts';

/** `systemctl --user mask --force`: replaces any link, also Home Manager's, but not a file (facts-debian13 F97). */
export default masking('mask --force', 'mask by force', unitInConfig);
