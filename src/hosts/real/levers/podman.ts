import { type PodmanDeed, writtenByHand } from '../../../../models/host.ts';
import { quoted } from '../../transport/quote.ts';
import { containerIdsOf } from './container.ts';
import { type Lever, patient } from './lever.ts';

/** Run podman by hand beside the stacks. */
export const podmanByHand = (what: PodmanDeed): Lever => ({
  title: `podman by hand: ${Object.values(what).join(' ')}`,
  as: 'operator',
  timeoutMs: patient,
  kind: 'claim',
  script: scriptOf(what),
});

function scriptOf(what: PodmanDeed): string {
  switch (what.deed) {
    case 'connect':
    case 'disconnect':
      return `${containerIdsOf(what.stack, what.service)}
exec podman network ${what.deed} ${quoted(what.network)} $ids`;
    case 'write':
      return `${containerIdsOf(what.stack, what.service)}
exec podman exec -i --user 0 $ids /bin/sh -c ${quoted(`cat > ${quoted(what.path)}`)} <<'BY-HAND'
${writtenByHand}BY-HAND`;
    case 'remove-volume':
      return `exec podman volume rm ${quoted(what.volume)}`;
    // A container that another one requires is removed only after that one.
    case 'prune':
      return 'podman system prune -f >/dev/null 2>&1 || exec podman system prune -f';
  }
}
