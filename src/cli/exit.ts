import { CommanderError } from 'commander';
import { Sick } from '../../models/host.ts';
import { Problem } from '../problem.ts';
import type { Tone } from '../reports/terminal.ts';

/** The exit statuses: the three verdicts, as in Jepsen, and two that are no verdict. */
export const exit = {
  held: 0,
  violated: 1,
  inconclusive: 2,
  /** A mistake in flags, configuration, a profile or a corpus file. */
  usage: 3,
  /** stackfuzz itself. */
  crashed: 255,
} as const;

/** One of the exit statuses. */
export type Status = (typeof exit)[keyof typeof exit];

/** The words for the three verdicts. */
export const verdictWord = (status: Status): 'held' | 'violated' | 'inconclusive' =>
  status === exit.held ? 'held' : status === exit.violated ? 'violated' : 'inconclusive';

/** How a status is shown. */
export const toneOf: Readonly<Record<Status, Tone | undefined>> = {
  [exit.held]: undefined,
  [exit.violated]: 'bad',
  [exit.inconclusive]: 'warning',
  [exit.usage]: 'bad',
  [exit.crashed]: 'bad',
};

/** The status for several statuses: a violation outweighs a mistake, a mistake an inconclusive result. */
export function worst(statuses: readonly Status[]): Status {
  const order = [exit.crashed, exit.violated, exit.usage, exit.inconclusive];
  return order.find(status => statuses.includes(status)) ?? exit.held;
}

/** The message and the status of an uncaught error. Commander has printed its own already. */
export function statusOf(error: unknown): { status: Status; message: string | null } {
  if (error instanceof CommanderError) {
    return { status: error.exitCode === 0 ? exit.held : exit.usage, message: null };
  }
  if (error instanceof Sick) return { status: exit.inconclusive, message: error.message };
  if (error instanceof Problem) return { status: exit.usage, message: error.message };
  const reason = error instanceof Error ? error.message : String(error);
  const trace = process.env.STACKFUZZ_TRACE === undefined ? '' : `\n${(error as Error | undefined)?.stack}`;
  const next = '\n  This is a fault of stackfuzz or of its surroundings, not a finding. STACKFUZZ_TRACE=1 shows where.';
  return { status: exit.crashed, message: `stackfuzz crashed: ${reason}${trace === '' ? next : trace}` };
}
