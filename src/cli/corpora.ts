import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Context } from './context.ts';
import { type Kind, kinds } from './kinds.ts';
import { packageRoot } from './package.ts';

/** The folder to which findings on such machines are saved. */
export const savedTo = (given: string | undefined, kind: Kind): string => given ?? kinds[kind].corpus;

/**
 * The folders whose entries a command on such machines reads: the named one; otherwise corpus/, or the shipped one if there is
 * none here, and for a simulated machine also its own folder.
 */
export function readFrom(given: string | undefined, kind: Kind): readonly string[] {
  if (given !== undefined) return [given];
  const own = existsSync(kinds.lab.corpus) ? kinds.lab.corpus : (shipped() ?? kinds.lab.corpus);
  return kind === 'simulator' && existsSync(kinds.simulator.corpus) ? [own, kinds.simulator.corpus] : [own];
}

/** The folders whose entries a search already knows: the same, and the shipped corpus. */
export function knownFrom(given: string | undefined, kind: Kind): readonly string[] {
  const folders = readFrom(given, kind);
  const more = shipped();
  const isThere = folders.some(folder => resolve(folder) === resolve(more ?? folder));
  return given !== undefined || more === undefined || isThere ? folders : [...folders, more];
}

/** Says so if the shipped corpus is read because there is no other. */
export function noteShipped(folders: readonly string[], context: Pick<Context, 'note'>): void {
  const folder = shipped();
  if (folder === undefined || folder === kinds.lab.corpus || !folders.includes(folder)) return;
  context.note(`There is no ${kinds.lab.corpus}/ here: this is the corpus that comes with stackfuzz, ${folder}.`);
}

/** The shipped corpus, as a path from here. */
function shipped(): string | undefined {
  const folder = join(packageRoot(), kinds.lab.corpus);
  return existsSync(folder) ? relative('.', folder) || '.' : undefined;
}
