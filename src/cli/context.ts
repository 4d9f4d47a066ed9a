import type { Tone } from '../reports/terminal.ts';
import type { Status } from './exit.ts';

/** How much is printed: only results, also what is being done, or each operation. */
export type Detail = 'quiet' | 'usual' | 'verbose';

/** What a command needs from its surroundings. */
export interface Context {
  /** Where results go. */
  out(line: string, tone?: Tone): void;
  /** Prints what is being done; nothing with --quiet. */
  note(line: string): void;
  /** Prints what somebody should look at, also with --quiet. */
  warn(line: string): void;
  readonly detail: Detail;
  /** Sets the exit status of the process. */
  end(status: Status): void;
  /** What the status is to say at least, whatever a command ends with: a machine could not be put back. */
  atLeast(status: Status): void;
}
