import { lines } from './sections.ts';

/** Ids of the starts of units in the journal, by unit, oldest first; null if nothing changed and the journal was not asked. */
export type StartsLook = ReadonlyMap<string, ReadonlySet<string>> | null;

/** What is remembered of a unit's starts between two looks. */
export interface KnownStarts {
  /** Its InvocationID at that look; empty if it had none. */
  readonly last: string;
  /** All ids of it that were seen; null if the journal did not yet have the last one. */
  readonly ids: ReadonlySet<string> | null;
}

/** The output of journalctl: one JSON entry per line for each time that a unit began to start (facts.md F110). */
export function startsSeen(section: string | undefined): StartsLook {
  if (section === undefined) return null;
  const starts = new Map<string, Set<string>>();
  for (const line of lines(section)) {
    const entry = entryIn(line);
    const unit = entry.USER_UNIT ?? entry.UNIT;
    const id = entry.USER_INVOCATION_ID ?? entry.INVOCATION_ID;
    if (unit === undefined || id === undefined) continue;
    const known = starts.get(unit) ?? new Set();
    starts.set(unit, known.add(id));
  }
  return starts;
}

interface Entry {
  readonly USER_UNIT?: string;
  readonly USER_INVOCATION_ID?: string;
  /** The same of the system's manager. */
  readonly UNIT?: string;
  readonly INVOCATION_ID?: string;
}

function entryIn(line: string): Entry {
  try {
    return JSON.parse(line) as Entry;
  } catch {
    return {};
  }
}

/** What the look script is told about starts: those that need not be asked for again, and from when on others count. */
export interface StartsToldOf {
  /** `UNIT=ID` of the last start of each unit that was seen. */
  readonly last: readonly string[];
  /** Seconds since the epoch, of the first look; null at the first look. */
  readonly since: number | null;
}

/** At the first look everything is asked for. */
export const untold: StartsToldOf = { last: [], since: null };

/** What the look script is told after the first look. */
export const startsToldOf = (known: ReadonlyMap<string, KnownStarts>, since: number): StartsToldOf => ({
  last: [...known].map(([name, { last }]) => `${name}=${last}`),
  since,
});

/** What is known of a unit's starts after a look, and how many there were since the look before; null if that is unknown. */
export function startsSince(
  name: string,
  invocation: string,
  asked: StartsLook,
  before: KnownStarts | undefined,
  isFirst: boolean,
): { readonly starts: number | null; readonly known: KnownStarts } {
  if (before?.last === invocation) return { starts: 0, known: before };
  const there = asked?.get(name) ?? none;
  if (asked === null || (invocation !== '' && !there.has(invocation))) {
    return { starts: isFirst ? 0 : null, known: { last: invocation, ids: null } };
  }
  const ids = new Set([...(before?.ids ?? none), ...there]);
  const isCountable = before === undefined || before.ids !== null;
  const count = isCountable ? ids.size - (before?.ids?.size ?? 0) : null;
  return { starts: isFirst ? 0 : count, known: { last: invocation, ids } };
}

const none: ReadonlySet<string> = new Set();
