import { Sick, Unable } from '../../../models/host.ts';
import type { Step } from '../../../models/operation.ts';

/** A mistake in stackfuzz itself: exit status 255. What the machine did cannot be judged by a model that throws. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** A crash, and the steps that it takes to see it again. */
export interface Crashed {
  readonly message: string;
  readonly stack: string;
  /** What was drawn or done so far; the last step is the one at which it happened. */
  readonly steps: readonly Step[];
}

/** A crash as it is kept. */
export const crashedAt = (steps: readonly Step[], { message, stack, cause }: Crash): Crashed => ({
  message,
  stack: (cause instanceof Error ? cause.stack : undefined) ?? stack ?? message,
  steps,
});

/** Asks the model something, so that what it throws names the file to open. */
export function asking<T>(kind: string, name: string, question: string, answer: () => T): T {
  try {
    return answer();
  } catch (error) {
    if (error instanceof Crash) throw error;
    throw new Crash(`the model threw where it must answer: ${kind} ${name}, ${question}\n  ${textOf(error)}`, {
      cause: error,
    });
  }
}

/**
 * What a machine or the way to it threw. What is neither sick nor unable, nor came of a call to the system, is a mistake in
 * the program. @throws Crash for that
 */
export function machineTrouble(error: unknown, where: string): string {
  const isCall = error instanceof Error && 'syscall' in error;
  if (error instanceof Sick || error instanceof Unable || isCall) return `${error.name}: ${error.message}`;
  throw new Crash(`${where} threw what no machine does\n  ${textOf(error)}`, { cause: error });
}

const textOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
