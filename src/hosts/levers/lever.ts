/** Something that a machine can be made to do: one script, one call. */
export interface Lever {
  /** What it is, for the log. */
  readonly title: string;
  readonly as: 'operator' | 'root';
  readonly script: string;
  /** Milliseconds until the machine counts as sick. */
  readonly timeoutMs: number;
  /**
   * `claim`: a program under test, whose failure is a claim like another. `hand`: the harness's own doing, which the
   * model takes for done; where it fails nothing can be concluded.
   */
  readonly kind: 'claim' | 'hand';
}

/** What a quick deed of the harness itself may take. */
export const quick = 30_000;
/** What a program under test may take that starts and stops stacks: above the limits of its own units. */
export const patient = 300_000;
