import type { OnDisk, UnitDefinition } from '../../../../models/observation.ts';
import { normalPath, type Operator } from '../../paths.ts';
import { lines } from './sections.ts';

/** What is in the search path for stack units, by normalised path (facts.md F3: by lstat and readlink). */
export function filesSeen(seen: ReadonlyMap<string, string>, operator: Operator): Readonly<Record<string, OnDisk>> {
  const definitions = definitionsIn(seen.get('definitions'));
  const trees = [...revisionsIn(seen.get('trees'))];
  const files: Record<string, OnDisk> = {};
  for (const line of lines(seen.get('files')).filter(line => line !== '')) {
    const [kind, path = '', target = ''] = line.split('\t');
    files[normalPath(path, operator)] = onDisk(kind, target, definitions.get(path) ?? null);
  }
  return sorted(files);

  function onDisk(kind: string | undefined, target: string, definition: UnitDefinition | null): OnDisk {
    if (kind === 'd') return { kind: 'directory' };
    if (kind !== 'l') return { kind: 'file', definition };
    const generation = trees.find(([tree]) => target.startsWith(`${tree}/`));
    return generation === undefined
      ? { kind: 'link', target: normalPath(target, operator), definition }
      : { kind: 'generation', revision: generation[1], definition };
  }
}

/** The revision of the generation in a section; null if there is none. */
export const revisionSeen = (section: string | undefined): number | null =>
  [...revisionsIn(section).values()][0] ?? null;

/** Reads lines of `tree<TAB>declaration.json`. */
function revisionsIn(section: string | undefined): ReadonlyMap<string, number> {
  const revisions = new Map<string, number>();
  for (const line of lines(section)) {
    const [tree = '', json = ''] = line.split('\t');
    const revision = revisionOf(json);
    if (revision !== null) revisions.set(tree, revision);
  }
  return revisions;
}

function revisionOf(json: string): number | null {
  try {
    const { revision } = JSON.parse(json) as { revision?: unknown };
    return typeof revision === 'number' ? revision : null;
  } catch {
    return null; // A generation without a declaration was not made by stackfuzz.
  }
}

/** Reads lines of `path:line`; of several lines of one path the last one counts. */
function definitionsIn(section: string | undefined): ReadonlyMap<string, UnitDefinition> {
  const found = new Map<string, UnitDefinition>();
  for (const line of lines(section)) {
    const [, path = '', text = ''] = /^(.*?):(.*)$/.exec(line) ?? [];
    const before = found.get(path);
    const marker = variable(text, 'STACK_MARKER') ?? before?.marker;
    const revision = variable(text, 'STACK_REVISION');
    if (marker === undefined && revision === undefined) continue;
    found.set(path, {
      revision: revision === undefined ? (before?.revision ?? null) : Number(revision),
      marker: marker ?? '',
    });
  }
  return found;
}

/** The value of a variable in a line of assignments, quoted or not; the last assignment counts. */
export function variable(text: string, name: string): string | undefined {
  return [...text.matchAll(new RegExp(`(?:^|[\\s"'=])${name}=([^\\s"']*)`, 'g'))].at(-1)?.[1];
}

/** The same entries, sorted by name, so that two equal machines give equal text. */
export const sorted = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1)));
