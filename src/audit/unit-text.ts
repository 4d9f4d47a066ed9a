/** The words of a line of a unit file, without the quotes around them. */
export const wordsIn = (line: string): readonly string[] =>
  [...line.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double?.replace(/\\(.)/g, '$1') ?? single ?? bare ?? '',
  );

/** What `systemctl show` prints of a command: `{ path=… ; argv[]=/bin/x a b ; ignore_errors=no ; … }`. */
export const argvIn = (text: string): string => /argv\[\]=(.*?) ; ignore_errors=/.exec(text)?.[1] ?? '';

/** A command of a unit file without the signs before it that say how it is run. */
export const plainCommand = (text: string): string => text.replace(/^[@:!+|-]+/, '');

/**
 * A value with the specifiers that a unit's name decides filled in; null where there are others, or a backslash, which may mean
 * that it goes on in the next line.
 */
export function expanded(value: string, unit: string): string | null {
  if (value.includes('\\')) return null;
  const stem = unit.replace(/\.service$/, '');
  const known: Readonly<Record<string, string>> = { '%': '%', n: unit, N: stem, p: stem, i: '' };
  let isKnown = true;
  const text = value.replace(/%(.?)/g, (_, letter: string) => {
    if (!Object.hasOwn(known, letter) || (letter !== '%' && unit.includes('@'))) isKnown = false;
    return known[letter] ?? '';
  });
  return isKnown ? text : null;
}
