import { redacted } from '../redact.ts';
import { visible } from '../visible.ts';

/** Longest evidence that is kept with an entry, in bytes. */
const bound = 256 * 1024;

/**
 * The form in which evidence is kept: redacted once more (the machine has already removed the values that it knows), without
 * characters that control a terminal, and of limited length.
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
