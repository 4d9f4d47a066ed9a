import {
  containerFile,
  networkFile,
  quadletAt,
  quadletDirectoryOf,
  quadletDropIn,
  quadletPath,
} from '../machine/quadlets.ts';
import type { OnDisk } from '../observation.ts';

type Files = Readonly<Record<string, OnDisk>>;

/**
 * The containers for which the generator makes a unit of these files, by service, with the marker that each is given. Of a mask or an
 * empty file it makes none, also where a weaker directory has a good one; and of no container of a stack whose network's file is gone
 * (facts.md F201). It is asked for this only where it makes any units at all.
 */
export function generatedParts(files: Files, stack: string): Readonly<Record<string, string>> {
  const parts: Record<string, string> = {};
  if (!isGood(strongest(files, networkFile(stack)))) return parts;
  for (const service of servicesIn(files, stack)) {
    const file = containerFile(stack, service);
    const found = strongest(files, file);
    if (!isGood(found) || found.definition === null) continue;
    const dropIns = quadletPath.map(directory => files[quadletDropIn(directory, file)]);
    const extending = dropIns.find(dropIn => dropIn !== undefined);
    const marker = extending !== undefined && 'definition' in extending ? extending.definition?.marker : undefined;
    parts[service] = marker ?? found.definition.marker;
  }
  return parts;
}

/** Files that end the generator, so that it makes no unit of any file: a link that leads nowhere, and a directory (facts.md F202). */
export const endsGenerator = (files: Files): boolean => {
  for (const path in files) {
    const file = files[path];
    if (file === undefined || !isQuadlet.test(path) || quadletDirectoryOf(path) === undefined) continue;
    if (file.kind === 'directory' || (file.kind === 'link' && file.target !== '/dev/null' && file.definition === null))
      return true;
  }
  return false;
};

const isQuadlet = /\.(?:container|network)$/;

/** The services of which any directory has a quadlet file. */
function servicesIn(files: Files, stack: string): readonly string[] {
  const services = new Set<string>();
  for (const path in files) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (!name.startsWith(`${stack}-`) || !name.endsWith('.container')) continue;
    services.add(name.slice(stack.length + 1, -'.container'.length));
  }
  return [...services].sort();
}

/** What stands at the strongest place of a name. */
function strongest(files: Files, file: string): OnDisk | undefined {
  const directory = quadletPath.find(each => files[quadletAt(each, file)] !== undefined);
  return directory && files[quadletAt(directory, file)];
}

type Readable = Exclude<OnDisk, { readonly kind: 'directory' }>;

/** Whether it can be a quadlet file: a file, or a link to one. */
const isGood = (file: OnDisk | undefined): file is Readable =>
  file !== undefined && file.kind !== 'directory' && (file.kind !== 'link' || file.definition !== null);
