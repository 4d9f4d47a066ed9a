import { createHash } from 'node:crypto';

/** The value in a dummy secret, which has two texts: it looks random, and evidence is redacted by it. */
export const secretValue = (name: string, text: 1 | 2 = 1): string =>
  createHash('sha256')
    .update(text === 1 ? `stackfuzz ${name}` : `stackfuzz ${name} rotated`)
    .digest('hex');

/** The content of a dummy secret. */
export const secretText = (name: string, text: 1 | 2 = 1): string =>
  `${name.toUpperCase().replaceAll('-', '_')}${token}=${secretValue(name, text)}\n`;

const token = '_TOKEN';

/** Which texts of dummy secrets are among a container's variables, in the form of `secretTexts`. */
export const secretTextsIn = (variables: Readonly<Record<string, string | undefined>>): string =>
  Object.entries(variables)
    .flatMap(([variable, value]) => {
      if (!variable.endsWith(token)) return [];
      const name = variable.slice(0, -token.length).toLowerCase().replaceAll('_', '-');
      const text = ([1, 2] as const).find(one => value === secretValue(name, one));
      return text === undefined ? [] : [`${name}=${text}`];
    })
    .sort()
    .join(' ');
