import { byHand } from '../../families/containers.ts';

/** An operator stops a container with podman; its unit is not told. */
export default byHand({
  action: 'stop',
  possible: container => container.state === 'running',
  becomes: container => ({ ...container, state: 'exited' }),
});
