import type { Status } from './exit.ts';

/** What a command needs of the world around it. */
export interface Context {
  /** Where results go. */
  out(line: string): void;
  /** Where everything else goes: what is being done, and progress. */
  note(line: string): void;
  /** Which status the process ends with. */
  end(status: Status): void;
}
