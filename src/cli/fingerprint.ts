import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { home } from '../home.ts';

/** Changes if anything in these folders of stackfuzz (as built) or in these other files changes, sub-folders included. */
export function fingerprint(ours: readonly string[], others: readonly string[]): string {
  const hash = createHash('sha256');
  const add = (path: string, isWanted: (name: string) => boolean): void => {
    for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const inside = join(path, entry.name);
      if (entry.isDirectory()) add(inside, isWanted);
      else if (entry.isFile() && isWanted(entry.name)) hash.update(entry.name).update(readFileSync(inside));
    }
  };
  for (const folder of ours) add(fileURLToPath(new URL(`${folder}/`, home)), name => /\.(?:js|ts)$/.test(name));
  for (const folder of others) add(folder, () => true);
  return hash.digest('hex');
}
