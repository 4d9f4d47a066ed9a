import { diff, type IChange } from 'json-diff-ts';
import { equal } from './equal.ts';

/** Differences between what was expected and what a machine shows, one plain sentence each, in a fixed order. */
export const differences = (expected: unknown, found: unknown): readonly string[] =>
  differing(expected, found).map(([path, place]) => sentence(path, place));

/** The same field by field: the path, and both values. A field that is absent on one side has no value there. */
export function differing(expected: unknown, found: unknown): readonly (readonly [at: string, place: TwoValues])[] {
  if (equal(expected, found)) return [];
  const places = new Map<string, TwoValues>();
  // Through JSON: an undefined key is an absent one, as in stored observations.
  collect(diff(plain(expected), plain(found)), '', places);
  return [...places].sort(([one], [other]) => (one < other ? -1 : 1));
}

/** A path, with what was expected there and what was found. */
export interface TwoValues {
  expected?: unknown;
  found?: unknown;
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));

// json-diff-ts reports a change of type as a removal and an addition of the same key; here the two are merged.
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
