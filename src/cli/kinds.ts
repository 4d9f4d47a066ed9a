import type { Stage } from '../engine/schedule/slots.ts';

/** What commands need to know of a kind of machine. */
interface KindOfMachine {
  /** What a search calls such machines. */
  readonly words: string;
  /** Seconds of searching if neither runs nor a budget are given. */
  readonly budget: number;
  /** Stages of a search if none are given. */
  readonly schedule: readonly Stage[];
  /** Most seconds of a search for exploring the suspects. */
  readonly exploring: number;
  /** Number of tries before a violation counts as gone. */
  readonly tries: number;
  /** The default folder for findings. */
  readonly corpus: string;
}

const real = {
  budget: 240,
  schedule: ['suspects', 'differences', 'walks'],
  exploring: 60,
  tries: 3,
  corpus: 'corpus',
} as const;

/** The kinds of machine. `--host` takes the names of all but `own`, for which it takes the name of a machine. */
export const kinds = {
  lab: { ...real, words: 'throw-away lab machines' },
  simulator: {
    words: 'a simulated machine',
    budget: 60,
    // Without differences: `explore` does every pair of operations in the time that it takes to compute a few of them.
    schedule: ['suspects', 'walks'],
    exploring: 20,
    tries: 1,
    // Every entry of corpus/ was seen on a real machine.
    corpus: 'corpus-simulator',
  },
  own: { ...real, words: 'a machine of your own' },
} as const satisfies Readonly<Record<string, KindOfMachine>>;

/** The name of a kind of machine. */
export type Kind = keyof typeof kinds;

/** The kind that `--host` names; undefined if it is the name of a machine. */
export const kindNamed = (host: string): Kind | undefined =>
  host !== 'own' && Object.hasOwn(kinds, host) ? (host as Kind) : undefined;
