import { updating } from '../../families/update.ts';

/** The profile's updater looks for newer images and restarts what runs an older one (scenarios S08, S13). */
export default updating({ how: 'command', says: 'run the image update' });
