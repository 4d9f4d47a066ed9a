/** A mistake in flags, configuration, a profile or a corpus file: exit status 3, and nothing was done. */
export class Problem extends Error {
  override readonly name = 'Problem';

  /** Says what was expected, what was found, where, and what to type next. */
  constructor(parts: { expected: string; found: string; where: string; next: string }) {
    super(`${parts.where}: expected ${parts.expected}, found ${parts.found}\n  ${parts.next}`);
  }
}
