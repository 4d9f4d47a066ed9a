/** The one long-lived way into a machine: commands go in, results come out, each with a timeout and bounded output. */
export interface Channel {
  /**
   * Run a bash script inside the machine. Resolves with whatever it did, also when it failed or timed out.
   * @throws Sick where the channel itself is dead.
   */
  run(script: string, options?: CommandOptions): Promise<Ran>;
  close(): Promise<void>;
}

export interface CommandOptions {
  /** Who runs it: the operator (the lingering user) unless said otherwise. */
  readonly as?: 'operator' | 'root';
  /** Milliseconds; 60,000 unless said otherwise. */
  readonly timeoutMs?: number;
  /** It changes nothing: on a host that stays, all else is written down before it is done. */
  readonly reads?: boolean;
  /** What it does, for that journal. */
  readonly title?: string;
}

/** What a command did. */
export interface Ran {
  /** Exit status; 124 where it timed out. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  /** Whether output past the bound (1 MiB a stream) was dropped. */
  readonly truncated: boolean;
}
