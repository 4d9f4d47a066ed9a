import { Unable } from '../../../../models/host.ts';
import { type Deployment, siteOf } from '../../deployment.ts';
import { quoted } from '../../transport/quote.ts';
import { type Lever, quick } from './lever.ts';

/** The URL of the repository's manifests in the registry. */
export function manifestsOf(deployment: Pick<Deployment, 'site'>): string {
  const [registry = '', ...repository] = siteOf(deployment).image.split('/');
  return `${originOf(registry)}/v2/${repository.join('/')}/manifests`;
}

/** A registry on the loopback is used without encryption, as registries.conf tells podman. */
const originOf = (registry: string): string =>
  `${/^(localhost|127\.|\[::1\])/.test(registry) ? 'http' : 'https'}://${registry}`;

const accepted = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');

/** Flags of curl that ask for a manifest in any of its forms. */
export const accepting = `-H ${quoted(`Accept: ${accepted}`)}`;

/** Re-tag inside the registry: the machine's own images stay as they are (facts-debian13 F73). */
export const publishing = (deployment: Pick<Deployment, 'site'>, tag: string, version: string): Lever => ({
  title: `push ${version} as ${tag}`,
  as: 'operator',
  timeoutMs: quick,
  kind: 'hand',
  script: `set -eu -o pipefail
shopt -s inherit_errexit
manifest=$(mktemp)
trap 'rm -f "$manifest"' EXIT
type=$(curl -sSf -H ${quoted(`Accept: ${accepted}`)} -o "$manifest" -w '%{content_type}' ${quoted(`${manifestsOf(deployment)}/${version}`)})
curl -sSf -X PUT -H "Content-Type: $type" --data-binary @"$manifest" ${quoted(`${manifestsOf(deployment)}/${tag}`)}`,
});

/**
 * Remove one tag from the registry. Its interface can only delete the manifest that the tag names, and with it every other tag
 * of that manifest; so the tag's file is removed. The registry reads its storage at every request.
 */
export function deletingTag(deployment: Pick<Deployment, 'site'>, tag: string): Lever {
  const { tags } = siteOf(deployment);
  if (tags === null) throw new Unable('nobody here can see where the registry keeps its tags');
  return {
    title: `delete the tag ${tag} from the registry`,
    as: 'root',
    timeoutMs: quick,
    kind: 'hand',
    script: `set -eu -o pipefail
shopt -s inherit_errexit
rm -r ${quoted(`${tags}/${tag}`)}
code=$(curl -s -o /dev/null -w '%{http_code}' -H ${quoted(`Accept: ${accepted}`)} ${quoted(`${manifestsOf(deployment)}/${tag}`)})
[ "$code" = 404 ]`,
  };
}

/** Stop the registry, or start it and wait until it answers. */
export function running(deployment: Pick<Deployment, 'site'>, action: 'stop' | 'start'): Lever {
  const { registryUnit, image } = siteOf(deployment);
  if (registryUnit === null) throw new Unable('nobody here may stop the registry');
  const answers = `${originOf(image.split('/')[0] ?? '')}/v2/`;
  return {
    title: `systemctl ${action} ${registryUnit}`,
    as: 'root',
    timeoutMs: quick,
    kind: 'hand',
    script: `systemctl ${action} ${quoted(registryUnit)} || exit
${action === 'stop' ? 'exit 0' : `until curl -sf -o /dev/null ${answers}; do sleep 0.05; done`}`,
  };
}
