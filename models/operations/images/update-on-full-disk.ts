import { updating } from '../../families/update.ts';

/**
 * The profile's updater runs while the disk is full to which podman writes what it pulls, /var/tmp (scenarios S08, S13; facts.md
 * F211). It may fail for that; what ran runs on.
 */
export default updating({
  how: 'full-disk',
  says: 'run the image update while the disk is full',
  mayFail: 'the disk is full',
});
