import type { Tone } from '../reports/terminal.ts';
import type { Status } from './exit.ts';

/** How much is told: results alone, what is being done too, or each operation. */
export type Detail = 'quiet' | 'usual' | 'verbose';

/** What a command needs of the world around it. */
export interface Context {
  /** Where results go. */
  out(line: string, tone?: Tone): void;
  /** Where it goes what is being done; nobody hears it with --quiet. */
  note(line: string): void;
  /** Where it goes what somebody should look at, whether they asked for few words or not. */
  warn(line: string): void;
  readonly detail: Detail;
  /** Which status the process ends with. */
  end(status: Status): void;
}
