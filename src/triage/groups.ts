import { type Entry, providersOf } from '../corpus/entry.ts';
import type { Waivable } from './waivers.ts';

/** Where a finding was seen once: an entry of a corpus, or a report of a search. */
export interface Sighting extends Waivable {
  readonly promise: string;
  /** The file that says so. */
  readonly file: string;
  readonly seed: number | string;
  /** Whether it is mended, as far as the file knows. */
  readonly expect: Entry['expect'];
  readonly shows?: Entry['shows'] | undefined;
}

/** One finding, wherever it was seen. */
export interface Group {
  readonly signature: string;
  readonly invariant: string;
  readonly promise: string;
  /** `violated` where some file still expects that. */
  readonly expect: Entry['expect'];
  readonly sightings: readonly Sighting[];
  readonly hosts: readonly string[];
  readonly profiles: readonly string[];
  readonly providers: readonly string[];
  readonly seeds: readonly (number | string)[];
  /** Who accepted it, until when and why: one for each waiver that covers a sighting. */
  readonly waivers: readonly string[];
}

/**
 * Findings by their signatures, across runs, seeds, profiles and hosts: those that are not mended and not waived first,
 * those of one promise beside each other.
 */
export function groupedByPromise(
  sightings: readonly Sighting[],
  accepted: (found: Waivable) => string | null,
): readonly Group[] {
  const bySignature = new Map<string, Sighting[]>();
  for (const each of sightings) bySignature.set(each.signature, [...(bySignature.get(each.signature) ?? []), each]);
  const groups = [...bySignature].map(([signature, all]): Group => {
    const [first] = all as [Sighting, ...Sighting[]];
    return {
      signature,
      invariant: first.invariant,
      promise: first.promise,
      expect: all.some(({ expect }) => expect === 'violated') ? 'violated' : 'held',
      sightings: all,
      hosts: distinct(all.map(({ host }) => host)),
      profiles: distinct(all.map(({ profile }) => profile)),
      providers: distinct(all.flatMap(each => providersOf(each))),
      seeds: distinct(all.map(({ seed }) => seed)),
      waivers: distinct(all.flatMap(each => accepted(each) ?? [])),
    };
  });
  return groups.sort((one, other) => rank(one) - rank(other) || compare(one.signature, other.signature));
}

const rank = ({ expect, waivers }: Group): number => (expect === 'held' ? 2 : waivers.length > 0 ? 1 : 0);

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

const distinct = <T>(all: readonly T[]): readonly T[] => [...new Set(all)];
