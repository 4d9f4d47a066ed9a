import { outdated, updating } from '../../families/update.ts';

/** The profile's updater is killed when the first container that it replaces has ended (scenario S13). */
export default updating({
  how: 'interrupted',
  says: 'run the image update until it is killed half way',
  possible: world => outdated(world).length > 0,
  killed: 'the update was killed half way',
});
