import { masking, unitInConfig } from '../../families/unit-files.ts';

/** `systemctl --user mask`: refused where Home Manager's link exists (facts.md F5). */
export default masking('mask', 'mask', unitInConfig);
