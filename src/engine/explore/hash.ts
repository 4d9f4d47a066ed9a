import type { Scribe } from '../../../models/search/state-writer.ts';

/**
 * A scribe (models/) that hashes: two halves of 32 bits, each with its own constants. Of four million states two share all 64
 * bits with a probability of 4 in ten million, of a hundred million with one of 3 in ten thousand (n² / 2^65). Such a state
 * would be taken for one that was reached before, and what only it leads to would be missed. The order of entries does not
 * count: their hashes are added.
 */
export interface HashScribe extends Scribe {
  /**
   * Begins a new hash. Hashes of parts are kept for good only if `keeps` is true: no state is forked from the others, and to keep
   * their parts takes longer than to hash them again. Until the next hash those of the last one are always known.
   */
  begin(keeps?: boolean): void;
  /** The two halves of the hash since then; never both 0. */
  high(): number;
  low(): number;
}

/** Words are hashed once and then looked up; at this number of them the table is emptied. */
const mostWords = 400_000;

/**
 * States are written word by word in the same order, and one after the other mostly has the same at each place: so that is compared
 * first, and only what differs is looked up. A part has a block of places of its own; what goes beyond it is looked up.
 */
const block = 128;
const places = 512 * block;

export function hashScribe(): HashScribe {
  const words = new Map<string, number>();
  let halves = new Int32Array(2 * 1024);
  const kept = new WeakMap<object, Pair>();
  const keptVariants = new WeakMap<object, Map<number, Pair>>();
  const lastWords = new Array<string | null>(places).fill(null);
  /** By place: the two halves of the word, and of the part, that was last written there. */
  const wordHalves = new Int32Array(2 * places);
  const partHalves = new Int32Array(2 * places);
  const lastParts = new Array<object | null>(places).fill(null);
  const lastVariants = new Int32Array(places);
  /** By place: where the block of the part begins that is written there; 0 where it has none yet. */
  const inner = new Int32Array(places);
  let freeBlock = block;
  let place = 0;
  let blockEnd = block;
  /** The parts that are being written, the outermost first. */
  const open: Outer[] = [];
  let isKept = true;
  let high = 0;
  let low = 0;
  const mix = (one: number, other: number): void => {
    high ^= Math.imul(rotated(Math.imul(one, 0xcc9e2d51), 15), 0x1b873593);
    high = (Math.imul(rotated(high, 13), 5) + 0xe6546b64) | 0;
    low ^= Math.imul(rotated(Math.imul(other, 0x38b34ae5), 16), 0xa1e38b93 | 0);
    low = (Math.imul(rotated(low, 17), 5) + 0x0bcaa747) | 0;
  };
  const word = (text: string): void => {
    const here = place++;
    const isPlaced = here < blockEnd;
    if (isPlaced && lastWords[here] === text) {
      mix(wordHalves[2 * here] as number, wordHalves[2 * here + 1] as number);
      return;
    }
    const at = words.get(text) ?? learnt(text);
    const [one, other] = [halves[at] as number, halves[at + 1] as number];
    if (isPlaced) {
      lastWords[here] = text;
      wordHalves[2 * here] = one;
      wordHalves[2 * here + 1] = other;
    }
    mix(one, other);
  };
  const learnt = (text: string): number => {
    if (words.size >= mostWords) {
      words.clear();
      lastWords.fill(null);
    }
    const at = 2 * words.size;
    if (at + 2 > halves.length) {
      const larger = new Int32Array(2 * halves.length);
      larger.set(halves);
      halves = larger;
    }
    let [one, other] = [0x811c9dc5 | 0, text.length];
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      one = Math.imul(one ^ code, 0x01000193);
      other = (Math.imul(rotated(other ^ code, 11), 0x2545f491) + index) | 0;
    }
    halves[at] = final(one);
    halves[at + 1] = final(other ^ 0x5bd1e995);
    words.set(text, at);
    return at;
  };
  const blockAt = (here: number): number => {
    if (inner[here] === 0) {
      if (freeBlock === places) return places;
      inner[here] = freeBlock;
      freeBlock += block;
    }
    return inner[here] as number;
  };
  const put = (here: number, about: object, variant: number, one: number, other: number): void => {
    lastParts[here] = about;
    lastVariants[here] = variant;
    partHalves[2 * here] = one;
    partHalves[2 * here + 1] = other;
  };
  const keep = (about: object, pair: Pair, variant: number): void => {
    if (variant === plain) {
      kept.set(about, pair);
      return;
    }
    let pairs = keptVariants.get(about);
    if (pairs === undefined) {
      pairs = new Map();
      keptVariants.set(about, pairs);
    }
    pairs.set(variant, pair);
  };
  /** An entry is hashed by itself, from its name on. */
  const beginEntry = (name: string): void => {
    high = 0x6a09e667;
    low = 0xbb67ae85 | 0;
    word(name);
  };
  /** Goes on where it was before the entries, with the sum of their hashes: their order does not matter. */
  const endEntries = (outerHigh: number, outerLow: number, sumHigh: number, sumLow: number, count: number): void => {
    high = outerHigh;
    low = outerLow;
    mix(sumHigh, sumLow);
    mix(count, ~count);
  };
  return {
    begin(keeps = true) {
      isKept = keeps;
      if (open.length > 0) open.length = 0;
      place = 0;
      blockEnd = block;
      high = 0x3c6ef372;
      low = 0x1f83d9ab;
    },
    word,
    number: value => mix(Number(value) + 0x7f4a7c15, Number(value) + 0x165667b1),
    each(entries, entry) {
      const [outerHigh, outerLow] = [high, low];
      let [sumHigh, sumLow, count] = [0, 0, 0];
      for (const [name, value] of entries) {
        beginEntry(name);
        entry(value, name);
        sumHigh = (sumHigh + final(high)) | 0;
        sumLow = (sumLow + final(low)) | 0;
        count++;
      }
      endEntries(outerHigh, outerLow, sumHigh, sumLow, count);
    },
    fields(record, entry) {
      const [outerHigh, outerLow] = [high, low];
      let [sumHigh, sumLow, count] = [0, 0, 0];
      for (const name in record) {
        beginEntry(name);
        entry(record[name] as (typeof record)[string], name);
        sumHigh = (sumHigh + final(high)) | 0;
        sumLow = (sumLow + final(low)) | 0;
        count++;
      }
      endEntries(outerHigh, outerLow, sumHigh, sumLow, count);
    },
    names(all) {
      const [outerHigh, outerLow] = [high, low];
      let [sumHigh, sumLow, count] = [0, 0, 0];
      for (const name of all) {
        beginEntry(name);
        sumHigh = (sumHigh + final(high)) | 0;
        sumLow = (sumLow + final(low)) | 0;
        count++;
      }
      endEntries(outerHigh, outerLow, sumHigh, sumLow, count);
    },
    isToWrite(about, variant = plain) {
      const here = place++;
      if (about !== null) {
        const isPlaced = here < blockEnd;
        if (isPlaced && lastParts[here] === about && lastVariants[here] === variant) {
          mix(partHalves[2 * here] as number, partHalves[2 * here + 1] as number);
          return false;
        }
        const pair = variant === plain ? kept.get(about) : keptVariants.get(about)?.get(variant);
        if (pair !== undefined) {
          const [one, other] = pair;
          if (isPlaced) put(here, about, variant, one, other);
          mix(one, other);
          return false;
        }
      }
      open.push({ about, variant, here, high, low, place, blockEnd });
      high = 0x510e527f;
      low = 0x1f83d9ab;
      place = here < blockEnd ? blockAt(here) : places;
      blockEnd = place < places ? place + block : places;
      return true;
    },
    written() {
      const [one, other] = [final(high), final(low)];
      const outer = open.pop() as Outer;
      ({ high, low, place, blockEnd } = outer);
      const { about, variant, here } = outer;
      if (about !== null) {
        if (isKept) keep(about, [one, other], variant);
        if (here < blockEnd) put(here, about, variant, one, other);
      }
      mix(one, other);
    },
    high: () => final(high) || 1,
    low: () => final(low),
  };
}

/** The variant of what can be written in one way only. */
const plain = -1;

/** A part, and how far its surroundings were written before it. */
interface Outer {
  readonly about: object | null;
  readonly variant: number;
  readonly here: number;
  readonly high: number;
  readonly low: number;
  readonly place: number;
  readonly blockEnd: number;
}

type Pair = readonly [high: number, low: number];

const rotated = (value: number, by: number): number => (value << by) | (value >>> (32 - by));

/** Spreads every bit over all of them (the last step of MurmurHash3). */
function final(hash: number): number {
  let spread = hash ^ (hash >>> 16);
  spread = Math.imul(spread, 0x85ebca6b);
  spread ^= spread >>> 13;
  spread = Math.imul(spread, 0xc2b2ae35);
  return spread ^ (spread >>> 16);
}
