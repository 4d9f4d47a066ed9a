import { Sick } from '../../../../models/host.ts';
import type { Ran } from '../../transport/channel.ts';

/** The answer of a guard, line by line: a word, and its values. */
export type Answer = readonly (readonly [word: string, ...rest: readonly string[]])[];

/**
 * Reads the answer of a guard.
 * @param what what was asked, for the message
 * @throws Sick if the answer is not complete: the guard failed, or the connection was cut
 */
export function answerOf(ran: Ran, what: string): Answer {
  const lines = ran.stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => line.split('\t') as unknown as Answer[number]);
  const failure = lines.find(([word]) => word === 'failed');
  if (failure !== undefined) throw new Sick(`${what}: ${failure[1]}`);
  if (lines.at(-1)?.[0] === 'end' && !ran.timedOut) return lines;
  const said = `${ran.stdout}${ran.stderr}`.trim().slice(-1_000);
  throw new Sick(`${what} did not come to its end (status ${ran.status})${said === '' ? '' : `:\n${said}`}`);
}

/** The values of all lines that begin with a word, in order. */
export const all = (answer: Answer, word: string): readonly string[] =>
  answer.filter(([first]) => first === word).map(([, text = '']) => text);

/** The value of the one line that begins with a word. */
export const one = (answer: Answer, word: string): string | null => all(answer, word)[0] ?? null;
