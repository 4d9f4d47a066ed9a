import { Sick, Unable } from '../../../models/host.ts';
import type { Step } from '../../../models/operation.ts';

/** A mistake in stackfuzz itself: exit status 255. A model that throws cannot judge what the machine did. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** A crash, and the steps that show it again. */
export interface Crashed {
  readonly message: string;
  readonly stack: string;
  /** The steps drawn or done so far; the crash happened at the last one. */
  readonly steps: readonly Step[];
}

/** A crash as it is saved. */
export const crashedAt = (steps: readonly Step[], { message, stack, cause }: Crash): Crashed => ({
  message,
  stack: (cause instanceof Error ? cause.stack : undefined) ?? stack ?? message,
  steps,
});

/** Asks the model something; what it throws then names the file to open. */
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
 * Sorts what a machine or the way to it threw. If it is neither sick, nor unable, nor a failed system call, it is a mistake in
 * the program. @throws Crash for that
 */
export function machineTrouble(error: unknown, where: string): string {
  const isCall = error instanceof Error && 'syscall' in error;
  if (error instanceof Sick || error instanceof Unable || isCall) return `${error.name}: ${error.message}`;
  throw new Crash(`${where} threw what no machine does\n  ${textOf(error)}`, { cause: error });
}

const textOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
