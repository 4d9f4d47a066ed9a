/** A mistake in the model itself: exit status 255. What the machine did cannot be judged by a model that throws. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** Asks the model something, so that what it throws names the file to open. */
export function asking<T>(kind: string, name: string, question: string, answer: () => T): T {
  try {
    return answer();
  } catch (error) {
    if (error instanceof Crash) throw error;
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new Crash(`the model threw where it must answer: ${kind} ${name}, ${question}\n  ${what}`);
  }
}
