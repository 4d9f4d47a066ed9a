/** The states that were reached: 64-bit hashes in one open hash table, at most half full, so at least 16 bytes each. */
export interface States {
  readonly size: number;
  has(high: number, low: number): boolean;
  /** Adds a hash; true if it is new. */
  add(high: number, low: number): boolean;
  /** All hashes, two numbers each. */
  all(): Int32Array;
}

/** Makes a table with room for so many. */
export function states(expected = 1 << 12): States {
  let capacity = 1 << Math.ceil(Math.log2(Math.max(2 * expected, 16)));
  let table = new Int32Array(2 * capacity);
  let size = 0;
  const place = (into: Int32Array, room: number, high: number, low: number): number => {
    let at = (low ^ Math.imul(high, 0x9e3779b1)) & (room - 1);
    // A high half is never 0: 0 marks a free place.
    while (into[2 * at] !== 0 && (into[2 * at] !== high || into[2 * at + 1] !== low)) at = (at + 1) & (room - 1);
    return 2 * at;
  };
  const grow = (): void => {
    const larger = new Int32Array(4 * capacity);
    for (let at = 0; at < table.length; at += 2) {
      const [high, low] = [table[at] as number, table[at + 1] as number];
      if (high === 0) continue;
      const to = place(larger, 2 * capacity, high, low);
      larger[to] = high;
      larger[to + 1] = low;
    }
    table = larger;
    capacity *= 2;
  };
  return {
    get size() {
      return size;
    },
    has: (high, low) => table[place(table, capacity, high, low)] !== 0,
    add(high, low) {
      const at = place(table, capacity, high, low);
      if (table[at] !== 0) return false;
      table[at] = high;
      table[at + 1] = low;
      size++;
      if (2 * size > capacity) grow();
      return true;
    },
    all() {
      const found = new Int32Array(2 * size);
      let to = 0;
      for (let at = 0; at < table.length; at += 2) {
        if (table[at] === 0) continue;
        found[to++] = table[at] as number;
        found[to++] = table[at + 1] as number;
      }
      return found;
    },
  };
}
