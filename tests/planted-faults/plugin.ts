import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vitest/config';
import { type TextEdit, withEdits } from './edit.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(root, 'src/hosts/simulator/');

/**
 * Lets a test import a second simulator in which some source texts are edited: the edits are in the query of the import, which
 * is passed on to every file that is edited or imports one that is. All other files are shared with the unedited one.
 */
export const editedSimulators = (): Plugin => ({
  name: 'edited-simulators',
  enforce: 'pre',
  async resolveId(source, importer) {
    const at = importer?.indexOf(query) ?? -1;
    if (importer === undefined || at < 0) return null;
    const found = await this.resolve(source, importer.slice(0, at), { skipSelf: true });
    return found !== null && concerned(editsIn(importer)).has(found.id) ? found.id + importer.slice(at) : found;
  },
  async load(id) {
    const at = id.indexOf(query);
    if (at < 0) return null;
    const path = id.slice(0, at);
    return withEdits(path.slice(root.length), await readFile(path, 'utf8'), editsIn(id));
  },
});

const query = '?edits=';

/** The path from which to import a file of such a simulator. */
export const editedBy = (file: string, edits: readonly TextEdit[]): string =>
  `${folder}${file}${query}${Buffer.from(JSON.stringify(edits)).toString('base64url')}`;

const editsIn = (id: string): readonly TextEdit[] =>
  JSON.parse(Buffer.from(id.slice(id.indexOf(query) + query.length), 'base64url').toString()) as readonly TextEdit[];

/** The files of the simulator that are edited, and those that import them directly or indirectly. */
function concerned(edits: readonly TextEdit[]): ReadonlySet<string> {
  const found = new Set(edits.map(({ file }) => join(root, file)));
  imports ??= importsOfAll();
  for (let before = 0; before < found.size; ) {
    before = found.size;
    for (const [file, imported] of imports) if (imported.some(each => found.has(each))) found.add(file);
  }
  return found;
}

/** What each file of the simulator imports from it, without imports of types only. */
let imports: ReadonlyMap<string, readonly string[]> | undefined;

const importsOfAll = (): ReadonlyMap<string, readonly string[]> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(file => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map(file => join(folder, file))
      .map(file => [
        file,
        [...readFileSync(file, 'utf8').matchAll(/^(?:import|export) (?!type ).*? from '(\..*?)';$/gms)].map(
          ([, name = '']) => join(dirname(file), name),
        ),
      ]),
  );
