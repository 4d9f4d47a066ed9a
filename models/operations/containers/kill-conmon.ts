import { byHand, runsWell } from '../../families/containers.ts';

/** The process dies that watches over a container: the payload runs on, beyond podman's reach (facts-debian13 F84). */
export default byHand({
  action: 'kill-conmon',
  possible: runsWell,
  becomes: container => ({ ...container, state: 'unwatched' }),
});
