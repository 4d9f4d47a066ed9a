import { createHash } from 'node:crypto';
import type { Deployment } from '../../deployment.ts';
import { placeOf } from '../../paths.ts';
import { quoted } from '../../transport/quote.ts';
import { type Lever, quick } from './lever.ts';
import { secretPlace } from './profile.ts';

/** What can be made of a secret. */
export type SecretState = 'missing' | 'present' | 'malformed';

/** Take a secret away, give back what was taken (or make one that never was), or spoil it. */
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
${deeds[state](name)}`,
  };
}

const titles = { missing: 'take away', present: 'give back', malformed: 'spoil' } as const;

/** An unreadable line: a key with a space in it, and a quote that is never closed (facts-debian13, section 2). */
const deeds: Readonly<Record<SecretState, (name: string) => string>> = {
  missing: () => 'if [ -e "$aside" ]; then rm "$place"; else mv -T "$place" "$aside"; fi',
  present: name =>
    `if [ -e "$aside" ]; then mv -T "$aside" "$place"; else printf %s ${quoted(secretText(name))} > "$place"; fi`,
  malformed: () => `[ -e "$aside" ] || mv -T "$place" "$aside"
printf 'NOT A KEY="never closed\\n' > "$place"`,
};

/** The value in a dummy secret: it looks random, and is known wherever evidence is redacted. */
export const secretValue = (name: string): string => createHash('sha256').update(`stackfuzz ${name}`).digest('hex');

/** The content of a dummy secret. */
export const secretText = (name: string): string =>
  `${name.toUpperCase().replaceAll('-', '_')}_TOKEN=${secretValue(name)}\n`;
