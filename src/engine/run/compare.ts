import { diff, type IChange } from 'json-diff-ts';
import { equal } from './equal.ts';

/** Where what was expected and what a machine shows differ, one plain sentence each, in an order that does not depend on the machine. */
export const differences = (expected: unknown, found: unknown): readonly string[] =>
  differing(expected, found).map(([path, place]) => sentence(path, place));

/** The same, field by field: the place, and what stands there; what is absent on one side has no value there. */
export function differing(expected: unknown, found: unknown): readonly (readonly [at: string, place: TwoValues])[] {
  if (equal(expected, found)) return [];
  const places = new Map<string, TwoValues>();
  // Through JSON: an undefined key is an absent one, as it is wherever observations are stored.
  collect(diff(plain(expected), plain(found)), '', places);
  return [...places].sort(([one], [other]) => (one < other ? -1 : 1));
}

/** What was expected at a place, and what was found. */
export interface TwoValues {
  expected?: unknown;
  found?: unknown;
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));

// json-diff-ts calls a change of type a removal and an addition of the same key: both land in one place here.
function collect(changes: readonly IChange[], above: string, places: Map<string, TwoValues>): void {
  for (const change of changes) {
    const path = change.key === '$root' ? above : below(above, change.key);
    if (change.changes !== undefined) {
      collect(change.changes, path, places);
      continue;
    }
    const place = places.get(path) ?? {};
    if (change.type === 'REMOVE') place.expected = change.value;
    else place.found = change.value;
    if (change.type === 'UPDATE') place.expected = change.oldValue;
    places.set(path, place);
  }
}

const below = (above: string, key: string): string => {
  if (/^\d+$/.test(key)) return `${above}[${key}]`;
  if (!/^[A-Za-z_]\w*$/.test(key)) return `${above}[${JSON.stringify(key)}]`;
  return above === '' ? key : `${above}.${key}`;
};

const sentence = (path: string, place: TwoValues): string =>
  `${path === '' ? 'the whole' : path}: expected ${shown(place.expected)}, found ${shown(place.found)}`;

const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
