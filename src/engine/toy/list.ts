import type { Claim } from '../../../models/host.ts';
import type { Args, Operation, Step } from '../../../models/operation.ts';
import type { Machine, Model } from '../types.ts';

type Numbers = readonly number[];

/** A list to which numbers are pushed: the second toy, in the manner of the shrinking challenge. */
export interface ListLevers {
  push(number: number): Promise<Claim>;
}

const push: Operation<{ number: number }, Numbers, ListLevers> = {
  kind: 'command',
  role: 'rebuild',
  needs: [],
  describe: ({ number }) => `push ${number}`,
  choices: () => Array.from({ length: 20 }, (_, number) => ({ number })),
  allowed: () => true,
  apply: (host, { number }) => host.push(number),
  expected: (world, { number }) => [...world, number],
};

/** A model whose one promise is broken for the lists that are named here. */
export const listModel = (broken: (numbers: Numbers) => boolean): Model<Numbers, Numbers, ListLevers> => ({
  operations: new Map([['push', push as unknown as Operation<Args, Numbers, ListLevers>]]),
  invariants: new Map([
    [
      'list',
      {
        promise: 'The list is a good one.',
        from: 'toy',
        broken: seen => (broken(seen) ? ['the list is bad'] : []),
        example: { after: [], lie: seen => seen },
      },
    ],
  ]),
  start: () => [],
  expectedObservation: world => world,
  lasting: seen => seen,
  shape: sentence => sentence,
});

/** A list that does as it is told. */
export function toyList(): ListLevers & Machine<Numbers> {
  let numbers: number[] = [];
  return {
    name: 'list',
    async reset() {
      numbers = [];
    },
    settle: async () => ({ rested: true, waiting: [] }),
    observe: async () => [...numbers],
    evidence: async () => numbers.join(' '),
    async push(number) {
      numbers.push(number);
      return { ok: true, status: 0, message: '' };
    },
  };
}

/** Steps that push these numbers. */
export const pushes = (...numbers: number[]): readonly Step[] =>
  numbers.map(number => ({ operation: 'push', args: { number } }));
