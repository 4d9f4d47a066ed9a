import { quadletDrift } from '../../families/quadlet-drift.ts';
import { ownQuadlets, quadletAt } from '../../machine/quadlets.ts';

/** An operator replaces the owner's link to a container's quadlet file with a file of their own, to try something. */
export default quadletDrift({
  describe: ({ file }) => `edit ${file} in place`,
  choices: ({ containers }) => containers,
  path: ({ file }) => quadletAt(ownQuadlets, file),
  what: () => ({ kind: 'edited', marker: 'edited' }),
});
