import { byHand, runsWell } from '../../families/containers.ts';

/** An operator gives a container another name, to make room or to keep it (facts-debian13 F79). */
export default byHand({
  action: 'rename',
  possible: container => runsWell(container) && container.name.includes('/'),
  becomes: container => ({ ...container, name: `${container.name.replace('/', '-')}-renamed` }),
});
