import { updating } from '../../families/update.ts';

/** Start podman-auto-update.service, which comes with podman: its timer does this every night (scenario S13). */
export default updating({ how: 'service', says: 'start podman-auto-update.service' });
