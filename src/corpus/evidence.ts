import { redacted } from '../redact.ts';
import { visible } from '../visible.ts';

/** How much of a run's evidence travels with an entry. */
const bound = 256 * 1024;

/**
 * Evidence as it is kept: without what looks like a secret, as a second look before a text is shared (the machine has
 * taken out the values that it knows already), harmless to a terminal, and then bounded.
 */
export const keptEvidence = (text: string): string => bounded(visible(redacted(text)));

/** Keeps the beginning, and three times as much of the end, where the failure is. */
function bounded(text: string): string {
  if (text.length <= bound) return text;
  const head = text.slice(0, bound / 4);
  const tail = text.slice(-(bound / 4) * 3);
  const dropped = text.length - head.length - tail.length;
  return `${head}\n… ${dropped} characters left out here …\n${tail}`;
}
