import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withEdits } from './edit.ts';
import type { PlantedFault } from './planted.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Writes `hardened` with a fault in its scripts into a folder, as a profile. */
export function faultyProfile({ name, edits }: Pick<PlantedFault, 'name' | 'edits'>, directory: string): string {
  const folder = join(directory, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'profile.yaml'), 'extends: hardened\n');
  const own = edits.map(({ file }) => file).filter(file => file.startsWith('src/profiles/'));
  for (const file of new Set(own)) {
    const source = join(root, file);
    const place = join(folder, file.replace(/^src\/profiles\/[^/]+\//, ''));
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, withEdits(file, readFileSync(source, 'utf8'), edits));
    chmodSync(place, statSync(source).mode & 0o777);
  }
  return folder;
}
