import { byHand, runsWell } from '../../families/containers.ts';

/**
 * The payload dies, for example when memory runs out. Podman runs it again where its restart policy says so (facts-debian13
 * F85).
 */
export default byHand({
  action: 'kill',
  possible: runsWell,
  becomes: container => (container.restart === 'no' ? { ...container, state: 'exited' } : container),
});
