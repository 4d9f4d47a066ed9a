import { updating } from '../../families/update.ts';

/** Let the profile's updater look for newer images and restart what runs an older one (scenarios S08, S13). */
export default updating({ how: 'command', says: 'run the image update' });
