import type { SecretState } from '../../../../models/host.ts';
import type { Deployment } from '../../deployment.ts';
import { placeOf } from '../../paths.ts';
import { quoted } from '../../transport/quote.ts';
import { secretText } from '../secret-text.ts';
import { type Lever, quick } from './lever.ts';
import { secretPlace } from './profile.ts';

/** Remove a secret, give back what was removed (or make it), make it malformed, or give it its other text. */
export function handingSecret(deployment: Deployment, name: string, state: SecretState): Lever {
  const place = secretPlace(deployment, name);
  const aside = placeOf(`~/.local/share/stackfuzz/withheld/${name}.env`, deployment.operator);
  return {
    title: `${titles[state]} the secret ${name}`,
    as: 'operator',
    timeoutMs: quick,
    kind: 'hand',
    script: `set -eu -o pipefail
shopt -s inherit_errexit
umask 077
place=${quoted(place)} aside=${quoted(aside)}
mkdir -p "\${place%/*}" "\${aside%/*}"
# Texts go into files of their own: a link that stands there leads to what is somebody's.
write() { rm -f "$place"; printf "$@" > "$place"; }
${deeds[state](name)}`,
  };
}

const titles = { missing: 'take away', present: 'give back', malformed: 'spoil', rotated: 'rotate' } as const;

/** An unreadable line: a key with a space in it, and a quote that is never closed (facts-debian13, section 2). */
const deeds: Readonly<Record<SecretState, (name: string) => string>> = {
  missing: () => 'if [ -e "$aside" ]; then rm "$place"; else mv -T "$place" "$aside"; fi',
  present: name => `if [ -e "$aside" ]; then mv -T "$aside" "$place"; else write %s ${quoted(secretText(name))}; fi`,
  malformed: () => `[ -e "$aside" ] || mv -T "$place" "$aside"
write 'NOT A KEY="never closed\\n'`,
  rotated: name => `[ -e "$place" ]
said=$(<"$place")
if [ "$said" = ${quoted(secretText(name).trimEnd())} ]; then write %s ${quoted(secretText(name, 2))}
else write %s ${quoted(secretText(name))}; fi`,
};
