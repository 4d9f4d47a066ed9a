import { byHand, runsWell } from '../../families/containers.ts';

/** Conmon and payload die together: podman still reports that the container runs (facts.md F58; facts-debian13 F86). */
export default byHand({
  action: 'kill-both',
  possible: runsWell,
  becomes: container => ({ ...container, state: 'dead' }),
});
