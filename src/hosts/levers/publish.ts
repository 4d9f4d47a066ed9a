import { quoted } from '../quote.ts';
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
  script: `set -eu
manifest=$(mktemp)
trap 'rm -f "$manifest"' EXIT
type=$(curl -sSf -H ${quoted(`Accept: ${accepted}`)} -o "$manifest" -w '%{content_type}' ${quoted(`${manifests}/${version}`)})
curl -sSf -X PUT -H "Content-Type: $type" --data-binary @"$manifest" ${quoted(`${manifests}/${tag}`)}`,
});
