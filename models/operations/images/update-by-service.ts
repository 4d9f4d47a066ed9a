import { updating } from '../../families/update.ts';

/** Start podman-auto-update.service, which podman brings along: what its timer does every night (scenario S13). */
export default updating({ how: 'service', says: 'start podman-auto-update.service' });
