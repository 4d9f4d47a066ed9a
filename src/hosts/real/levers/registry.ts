import { quoted } from '../../transport/quote.ts';
import { type Lever, quick } from './lever.ts';

const manifests = 'http://localhost:5000/v2/probe/manifests';
const accepted = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');

/** Re-tag inside the registry: the machine's own images stay as they are (facts-debian13 F73). */
export const publishing = (tag: string, version: string): Lever => ({
  title: `push ${version} as ${tag}`,
  as: 'operator',
  timeoutMs: quick,
  kind: 'hand',
  script: `set -eu -o pipefail
shopt -s inherit_errexit
manifest=$(mktemp)
trap 'rm -f "$manifest"' EXIT
type=$(curl -sSf -H ${quoted(`Accept: ${accepted}`)} -o "$manifest" -w '%{content_type}' ${quoted(`${manifests}/${version}`)})
curl -sSf -X PUT -H "Content-Type: $type" --data-binary @"$manifest" ${quoted(`${manifests}/${tag}`)}`,
});

/**
 * Take a tag out of the registry, and nothing else: by its interface one can only delete the manifest that the tag
 * names, and every other tag of it with it. The registry reads its storage anew at every question.
 */
export const deletingTag = (tag: string): Lever => ({
  title: `delete the tag ${tag} from the registry`,
  as: 'root',
  timeoutMs: quick,
  kind: 'hand',
  script: `set -eu -o pipefail
shopt -s inherit_errexit
rm -r ${quoted(`${tagsDirectory}/${tag}`)}
code=$(curl -s -o /dev/null -w '%{http_code}' -H ${quoted(`Accept: ${accepted}`)} ${quoted(`${manifests}/${tag}`)})
[ "$code" = 404 ]`,
});

/** Where the registry keeps its tags, each with the digest that it stands for. */
export const tagsDirectory = '/var/lib/docker-registry/docker/registry/v2/repositories/probe/_manifests/tags';

/** Stop the registry, or start it and wait until it answers. */
export const running = (action: 'stop' | 'start'): Lever => ({
  title: `systemctl ${action} docker-registry.service`,
  as: 'root',
  timeoutMs: quick,
  kind: 'hand',
  script: `systemctl ${action} docker-registry.service || exit
${action === 'stop' ? 'exit 0' : 'until curl -sf -o /dev/null http://localhost:5000/v2/; do sleep 0.05; done'}`,
});
