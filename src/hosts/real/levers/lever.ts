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
  /** It kills what it runs, and says so with 137. Of any other lever that status means that somebody else did. */
  readonly kills?: true;
}

/**
 * Exit status of a script whose own preparation failed: what it is for was not begun, so it claims nothing, and nothing
 * can be concluded.
 */
export const unprepared = 199;

/** Exit status of a hand's script that finds its place on a file system that cannot be written: the machine lacks this lever now. */
export const unwritableStatus = 198;

/**
 * Bash: a preparation that ends at its first failure, and the script with it. Never as `( … ) || exit`, because bash ignores
 * `set -e` in all that stands before `||`.
 */
export const prepared = (script: string): string => `(
set -eu -o pipefail
shopt -s inherit_errexit
${script}
)
[ $? = 0 ] || exit ${unprepared}`;

/** What a quick deed of the harness itself may take. */
export const quick = 30_000;
/** What a program under test may take that starts and stops stacks: above the limits of its own units. */
export const patient = 300_000;
