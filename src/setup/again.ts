import { appendFileSync } from 'node:fs';
import { retriesVariable } from './retries.mjs';

/** Records that a test did something again, or gave it up, and why: `npm test` counts these and prints them at its end. */
export function noteAgain(what: string): void {
  const line = what.replaceAll('\n', ' ').slice(0, 300);
  console.warn(line);
  const file = process.env[retriesVariable];
  // One write for each line, so that lines of several processes do not mix.
  if (file !== undefined) appendFileSync(file, `${line}\n`);
}
