import { type PodmanDeed, writtenByHand } from '../../../../models/host.ts';
import { builtByHand } from '../../../../models/machine/builds.ts';
import { type Deployment, siteOf } from '../../deployment.ts';
import { quoted } from '../../transport/quote.ts';
import { containerIdsOf } from './container.ts';
import { type Lever, patient } from './lever.ts';

/** Run podman by hand beside the stacks. */
export const podmanByHand = (deployment: Pick<Deployment, 'site'>, what: PodmanDeed): Lever => ({
  title: `podman by hand: ${Object.values(what).join(' ')}`,
  as: 'operator',
  timeoutMs: patient,
  kind: 'claim',
  script: scriptOf(what, siteOf(deployment).image),
});

function scriptOf(what: PodmanDeed, image: string): string {
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
    case 'remove-network':
      return `podman network rm -f ${quoted(what.network)} >/dev/null 2>&1 || exec podman network rm -f ${quoted(what.network)}`;
    // A container that another one requires is removed only after that one.
    case 'prune':
      return 'podman system prune -f >/dev/null 2>&1 || exec podman system prune -f';
    // By its label, since the build may have any tag here, or none any more.
    case 'tag':
      return `set -eu -o pipefail
shopt -s inherit_errexit
ids=$(podman image ls --all --quiet --no-trunc --filter ${quoted(`label=stackfuzz.version=${what.version}`)} | sort -u)
exec podman tag "\${ids%%$'\\n'*}" ${quoted(`${image}:${what.tag}`)}`;
    case 'build':
      return `exec podman build --quiet --pull=never --tag ${quoted(`${image}:${what.tag}`)} - <<'BY-HAND'
FROM ${image}:${what.tag}
LABEL stackfuzz.version=${builtByHand}
BY-HAND`;
  }
}
