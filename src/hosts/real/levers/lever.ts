/** Something that a machine can be made to do: one script, one call. */
export interface Lever {
  /** Its name in the log. */
  readonly title: string;
  readonly as: 'operator' | 'root';
  readonly script: string;
  /** After so many milliseconds the machine counts as sick. */
  readonly timeoutMs: number;
  /**
   * `claim`: a program under test; its failure is a claim too. `hand`: something that stackfuzz itself does and that the model
   * takes as done; if it fails, the step is inconclusive.
   */
  readonly kind: 'claim' | 'hand';
  /**
   * It kills what it runs, and reports that with status 137. After any other lever that status means that something else killed
   * it.
   */
  readonly kills?: true;
}

/**
 * Exit status of a script whose own preparation failed: its command was not begun, so there is no claim, and the step is
 * inconclusive.
 */
export const unprepared = 199;

/** Exit status of a hand's script that finds a read-only file system at its place: the machine lacks this lever now. */
export const unwritableStatus = 198;

/**
 * Bash: a preparation that ends at its first failure, and the script with it. Never written as `( … ) || exit`: bash ignores
 * `set -e` in everything before `||`.
 */
export const prepared = (script: string): string => `(
set -eu -o pipefail
shopt -s inherit_errexit
${script}
)
[ $? = 0 ] || exit ${unprepared}`;

/** Time limit for a quick action of stackfuzz itself. */
export const quick = 30_000;
/** Time limit for a program under test that starts and stops stacks: more than the limits of its own units. */
export const patient = 300_000;
