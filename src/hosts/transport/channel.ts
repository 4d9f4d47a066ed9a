/** The one long-lived connection to a machine: commands go in, results come out, each with a timeout and limited output. */
export interface Channel {
  /**
   * Runs a bash script on the machine. Resolves with its result, also if it failed or timed out.
   * @throws Sick if the connection itself is broken.
   */
  run(script: string, options?: CommandOptions): Promise<Ran>;
  close(): Promise<void>;
}

export interface CommandOptions {
  /** Who runs it; by default the operator (the lingering user). */
  readonly as?: 'operator' | 'root';
  /** Milliseconds; by default 60,000. */
  readonly timeoutMs?: number;
  /** It changes nothing. On a host that stays, everything else is written into its journal before it is done. */
  readonly reads?: boolean;
  /** What it does, in words, for that journal. */
  readonly title?: string;
}

/** The result of a command. */
export interface Ran {
  /** Exit status; 124 if it timed out. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  /** Whether output beyond the limit (1 MiB a stream) was dropped. */
  readonly truncated: boolean;
}
