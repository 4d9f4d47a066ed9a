import { posix } from 'node:path';
import { quoted } from '../../transport/quote.ts';

/** Shell lines that write texts below a directory, by relative path. */
export function written(directory: string, files: Readonly<Record<string, string>>): string {
  const places = Object.keys(files).map(path => posix.join(directory, path));
  const directories = [...new Set([directory, ...places.map(place => posix.dirname(place))])];
  return [
    `mkdir -p ${directories.map(quoted).join(' ')}`,
    // Not through a link that stands there.
    `rm -f ${places.map(quoted).join(' ')}`,
    ...Object.values(files).map((text, at) => `printf %s ${quoted(text)} > ${quoted(places[at] ?? '')}`),
  ].join('\n');
}
