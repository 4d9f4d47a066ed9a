/**
 * Writes a state word by word. Two states are the same if the same is written: as text, for people and tests, or as a hash,
 * where millions are compared.
 */
export interface Scribe {
  word(text: string): void;
  /** A whole number, or yes and no. */
  number(value: number | boolean): void;
  /** Entries whose order does not matter. */
  each<T>(entries: ReadonlyMap<string, T>, entry: (value: T, name: string) => void): void;
  /** The same of an object's own entries. */
  fields<T>(record: Readonly<Record<string, T>>, entry: (value: T, name: string) => void): void;
  /** The same of names alone. */
  names(all: Iterable<string>): void;
  /**
   * Whether something that never changes is to be written now, with `written` to follow. It is not if it was written before: that is
   * used again. Null where this time it may differ. `variant` numbers the ways in which the same thing can be written.
   */
  isToWrite(about: object | null, variant?: number): boolean;
  /** Ends what `isToWrite` began. */
  written(): void;
}

/** A writer that produces text. */
export interface TextScribe extends Scribe {
  text(): string;
}

export function textScribe(): TextScribe {
  let parts: string[] = [];
  return {
    word: text => void parts.push(JSON.stringify(text)),
    number: value => void parts.push(String(Number(value))),
    each(entries, entry) {
      const outer = parts;
      const all: string[] = [];
      for (const [name, value] of entries) {
        parts = [JSON.stringify(name)];
        entry(value, name);
        all.push(parts.join(' '));
      }
      parts = outer;
      parts.push(`{${all.sort().join(', ')}}`);
    },
    fields(record, entry) {
      this.each(new Map(Object.entries(record)), entry);
    },
    names: all =>
      void parts.push(
        `{${[...all]
          .map(name => JSON.stringify(name))
          .sort()
          .join(', ')}}`,
      ),
    isToWrite: () => true,
    written: () => {},
    text: () => parts.join(' '),
  };
}

/** A writer that keeps nothing: to find out only what would be written. */
export const noScribe: Scribe = {
  word: () => {},
  number: () => {},
  each(entries, entry) {
    for (const [name, value] of entries) entry(value, name);
  },
  fields(record, entry) {
    for (const name in record) entry(record[name] as (typeof record)[string], name);
  },
  names: () => {},
  isToWrite: () => true,
  written: () => {},
};
