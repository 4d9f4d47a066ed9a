import { Sick } from '../../../../models/host.ts';
import type { Ran } from '../../transport/channel.ts';

/** What a guard told, line by line: a word, and what belongs to it. */
export type Answer = readonly (readonly [word: string, ...rest: readonly string[]])[];

/**
 * What a guard told.
 * @param what for the message: what was asked
 * @throws Sick where it did not come to its end: it failed, or was cut off.
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

/** The texts that belong to a word, in order. */
export const all = (answer: Answer, word: string): readonly string[] =>
  answer.filter(([first]) => first === word).map(([, text = '']) => text);

/** The one text that belongs to a word. */
export const one = (answer: Answer, word: string): string | null => all(answer, word)[0] ?? null;
