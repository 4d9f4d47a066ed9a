import { byHand, requiredBy } from '../../families/containers.ts';

/** An operator removes a container with podman. Podman may refuse while another container requires it (F80). */
export default byHand({
  action: 'remove',
  possible: () => true,
  becomes: () => null,
  mayFail: requiredBy,
});
