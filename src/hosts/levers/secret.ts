import { createHash } from 'node:crypto';
import { placeOf } from '../paths.ts';
import { quoted } from '../quote.ts';
import type { Setting } from '../setting.ts';
import { type Lever, quick } from './lever.ts';
import { secretPlace } from './profile.ts';

/** Take a secret away, or give back the very file that was taken. */
export function handingSecret(setting: Setting, name: string, present: boolean): Lever {
  const place = secretPlace(setting, name);
  const aside = placeOf(`~/.local/share/stackfuzz/withheld/${name}.env`, setting.operator);
  const [from, to] = present ? [aside, place] : [place, aside];
  return {
    title: `${present ? 'give back' : 'take away'} the secret ${name}`,
    as: 'operator',
    timeoutMs: quick,
    kind: 'hand',
    script: `mkdir -p "$(dirname ${quoted(to)})" && mv -T ${quoted(from)} ${quoted(to)}`,
  };
}

/** The value in a dummy secret: it looks random, and is known wherever evidence is redacted. */
export const secretValue = (name: string): string => createHash('sha256').update(`stackfuzz ${name}`).digest('hex');

/** The content of a dummy secret. */
export const secretText = (name: string): string => `${name.toUpperCase()}_TOKEN=${secretValue(name)}\n`;
