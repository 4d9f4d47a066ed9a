/** What the operator asked for with Ctrl-C. */
export interface Interrupt {
  /** Aborted by the first Ctrl-C: end after the running operation. */
  readonly signal: AbortSignal;
  /** Aborted by the second Ctrl-C: end at once. */
  readonly urgent: AbortSignal;
  /** Ends it as the first Ctrl-C does, for a reason of ours: what it is for whoever asks why, and what is said. */
  end(why: string, said: string): void;
  /** Stops handling the signals. */
  dispose(): void;
}

/** A Ctrl-C in a terminal reaches npm, its script and this process, and each hands it on: within this time it is one. */
const oneKeyPress = 1_000;

/** Handles Ctrl-C and SIGTERM: the first one ends cleanly, the second one at once. */
export function interruptible(say: (line: string) => void, now: () => number = Date.now): Interrupt {
  const soon = new AbortController();
  const urgent = new AbortController();
  let last = Number.NEGATIVE_INFINITY;
  const onSignal = (): void => {
    const time = now();
    const isSame = time - last < oneKeyPress;
    if (!isSame) last = time;
    if (isSame || urgent.signal.aborted) return;
    if (soon.signal.aborted) {
      say('Ending now; the machines are being closed.');
      urgent.abort();
      return;
    }
    say('Ending after the running operation. Ctrl-C again ends at once.');
    soon.abort();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: soon.signal,
    urgent: urgent.signal,
    end: (why, said) => {
      if (soon.signal.aborted) return;
      say(said);
      soon.abort(why);
    },
    dispose: () => {
      for (const name of signals) process.off(name, onSignal);
    },
  };
}
