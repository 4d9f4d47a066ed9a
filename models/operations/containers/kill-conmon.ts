import { byHand, runsWell } from '../../families/containers.ts';

/**
 * The process that watches a container (conmon) dies: the payload keeps running, out of podman's control (facts-debian13 F84).
 */
export default byHand({
  action: 'kill-conmon',
  possible: runsWell,
  becomes: container => ({ ...container, state: 'unwatched' }),
});
