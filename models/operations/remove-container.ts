import { byHand } from '../containers.ts';
import { loadedProject } from '../lifecycle.ts';
import { stackIn } from '../systemd.ts';

/** An operator removes a container with podman. Podman may refuse while another container requires it (F80). */
export default byHand({
  action: 'remove',
  possible: () => true,
  becomes: () => null,
  grounds: (world, { stack, service }) => {
    const at = stackIn(world, stack);
    const services = loadedProject(world, stack)?.services ?? {};
    return Object.keys(at.containers)
      .filter(other => services[other]?.dependsOn.includes(service))
      .map(other => `${stack}/${other} requires it`);
  },
});
