/** How much may be spent; a field that is absent sets no limit. */
export interface Limits {
  /** Operations done to the machine. */
  readonly operations?: number;
  readonly seconds?: number;
}

/** Counts what is spent, and says when that is enough. It is asked between operations, never during one. */
export interface Meter {
  /** Operations spent so far. */
  spent(): number;
  spend(operations: number): void;
  /** The reason to stop, or undefined. */
  enough(): string | undefined;
}

/** A meter that starts now. */
export function meter(limits: Limits, now: () => number = Date.now): Meter {
  const begun = now();
  let operations = 0;
  return {
    spent: () => operations,
    spend: more => {
      operations += more;
    },
    enough: () => {
      if (limits.operations !== undefined && operations >= limits.operations)
        return `the budget of ${limits.operations} operations is spent`;
      if (limits.seconds !== undefined && now() - begun >= limits.seconds * 1000)
        return `the budget of ${limits.seconds} seconds is spent`;
      return undefined;
    },
  };
}
