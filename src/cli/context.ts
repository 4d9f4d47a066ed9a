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
  /** The same for why it does not come to its end: a command that started this one hears it too, and keeps it in its record. */
  failed(line: string): void;
  readonly detail: Detail;
  /** Whether another command started this one: its files are that one's, which reads them and takes them away. */
  readonly isPart?: boolean;
  /** Sets the exit status of the process. */
  end(status: Status): void;
  /** What the status is to say at least, whatever a command ends with: a machine could not be put back. */
  atLeast(status: Status): void;
}

/** What a command hears of one that it starts as a part of itself. */
export interface Part {
  /** Told of what it ended by, where it did not come to its end. */
  hear(why: string): void;
}

/** Does what a command line asks for, as it is typed after `stackfuzz`. */
export type Main = (args: readonly string[], part?: Part) => Promise<Status>;
