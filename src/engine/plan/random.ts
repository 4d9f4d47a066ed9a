import seedrandom from 'seedrandom';

/** Draws the next number, 0 <= number < 1. */
export type Draw = () => number;

/** The random numbers of one run: they depend on nothing but the seed and the run's number. */
export const drawing = (seed: number, index: number): Draw => seedrandom.alea(`${seed}/${index}`);
