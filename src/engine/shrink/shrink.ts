import type { Args, Step } from '../../../models/operation.ts';
import { asking } from '../run/crash.ts';
import { equal } from '../run/equal.ts';
import { type Gate, type GateOptions, gate, keyOf } from './accept.ts';
import { bearings, shownAfter } from './bearing.ts';
import { deltaDebug, simplerNames } from './delta-debugging.ts';
import { adapted, byLikeness, standing } from './repair.ts';

/** How much the shrinker tries. */
export interface Thoroughness {
  /** Simpler arguments tried for each step: few if an operation takes seconds. */
  readonly argumentTries: number;
  /** Longest sequence of which every pair of steps is left out; of a longer one only pairs that undo each other. */
  readonly pairsUpTo: number;
  /**
   * Whether simpler operations and every order are tried, and arguments of several steps at a time, so that one bug has one
   * answer.
   */
  readonly canonical: boolean;
}

/** For a real machine. */
export const frugal: Thoroughness = { argumentTries: 4, pairsUpTo: 0, canonical: false };

/** For a simulator, where operations cost nothing. */
export const thorough: Thoroughness = { argumentTries: 200, pairsUpTo: 24, canonical: true };

/** Makes a failing run as short and simple as possible; the gate has the answer, and everything that was tried. */
export async function shrink<W, S, H>(
  options: GateOptions<W, S, H>,
  how: Thoroughness = frugal,
): Promise<Gate<W, S, H>> {
  const open = gate(options);
  // The gate has cut what was never done; this drops what the model calls impossible.
  await open.accept(open.best, 'repair');
  const simplify = async (): Promise<void> => {
    await names(open);
    await pairs(open, 0);
    await sharedArguments(open, how.argumentTries);
    await simplerArguments(open, how);
  };
  await deltaDebug(open, bearings(open), simplify);
  const passes = async (): Promise<void> => {
    for (let before: readonly Step[] = []; before !== open.best; ) {
      before = open.best;
      await simplify();
      await ones(open);
      if (before === open.best) await pairs(open, how.pairsUpTo);
      if (before === open.best && how.canonical) await simplerOperations(open);
      if (before === open.best) await order(open, how);
    }
  };
  await passes();
  if (open.makeSure()) await passes();
  return open;
}

/** Leaves out single steps, the oldest first, until none can be left out. */
async function ones<W, S, H>(open: Gate<W, S, H>): Promise<void> {
  for (let at = 0; at < open.best.length; ) {
    const rest = open.best.filter((_, index) => index !== at);
    const other = adapted(open.model, rest, open.memory);
    if (await open.accept(rest, 'one step less')) at = 0;
    else if (await open.accept(other, 'one step less, the rest adapted')) at = 0;
    else at++;
  }
}

/** Leaves out pairs of steps: every pair, or in a long sequence those of which the model says that nothing remains. */
async function pairs<W, S, H>(open: Gate<W, S, H>, all: number): Promise<void> {
  const { model, best, memory } = open;
  const expectedObservation = shownAfter(model, best.slice(0, -1), memory);
  for (let one = 0; one < best.length; one++)
    for (let other = one + 1; other < best.length; other++) {
      const candidate = best.filter((_, index) => index !== one && index !== other);
      if (best.length > all && !equal(expectedObservation, shownAfter(model, candidate.slice(0, -1), memory))) continue;
      if (await open.accept(candidate, 'two steps less')) return;
    }
}

/** The same steps under simpler names of stacks and services, all replaced at once. */
async function names<W, S, H>(open: Gate<W, S, H>): Promise<void> {
  const { best } = open;
  for (const candidate of simplerNames(open, best)) if (await open.accept(candidate, 'simpler names', best)) return;
}

/** For each step, the simplest arguments with which the violation still shows. */
async function simplerArguments<W, S, H>(
  open: Gate<W, S, H>,
  { argumentTries, canonical }: Thoroughness,
): Promise<void> {
  for (let index = 0; index < open.best.length; index++) {
    const now = open.best[index] as Step;
    const others = simpler(open, index).filter(args => canonical || differing(args, now.args).length === 1);
    for (const args of others.slice(0, argumentTries)) {
      const candidate = open.best.with(index, { ...now, args: { ...args } });
      if (await open.accept(candidate, 'simpler arguments', open.best)) break;
    }
  }
}

/** Names of the arguments in which two choices differ. */
const differing = (one: Args, other: Args): readonly string[] =>
  Object.keys({ ...one, ...other }).filter(key => one[key] !== other[key]);

/** An argument that several steps share is simplified in all of them at once: in one alone it would no longer match. */
async function sharedArguments<W, S, H>(open: Gate<W, S, H>, tries: number): Promise<void> {
  for (let index = 0; index < open.best.length; index++) {
    const now = open.best[index] as Step;
    for (const args of simpler(open, index).slice(0, tries)) {
      const changed = Object.keys(args).filter(key => args[key] !== now.args[key]);
      const shared = (step: Step): boolean => step !== now && changed.every(key => step.args[key] === now.args[key]);
      if (!open.best.some(shared)) continue;
      const simple = Object.fromEntries(changed.map(key => [key, args[key] as Args[string]]));
      const rewritten = (step: Step): Step => ({ ...step, args: { ...step.args, ...simple } });
      const candidate = open.best.map(step => (step === now || shared(step) ? rewritten(step) : step));
      if (await open.accept(candidate, 'simpler arguments, all at once', open.best)) break;
    }
  }
}

/** The choices before the arguments of this step, simplest first. */
function simpler<W, S, H>(open: Gate<W, S, H>, index: number): readonly Args[] {
  const { model, best, memory } = open;
  const here = standing(model, best, memory)[index];
  const operation = here === undefined ? undefined : model.operations.get(here.step.operation);
  if (here === undefined || operation === undefined) return [];
  const choices = asking('operation', here.step.operation, 'choices', () => operation.choices(here.world));
  const now = keyOf([here.step]);
  const place = choices.findIndex(args => keyOf([{ ...here.step, args }]) === now);
  return place < 0 ? choices : choices.slice(0, place);
}

/**
 * For each step, the simplest operation with which the violation still shows: fewer arguments first, then the order of the
 * catalog.
 */
async function simplerOperations<W, S, H>(open: Gate<W, S, H>): Promise<void> {
  const names = [...open.model.operations.keys()];
  const rank = (step: Step): number => Object.keys(step.args).length * names.length + names.indexOf(step.operation);
  for (let index = 0; index < open.best.length; index++) {
    const here = standing(open.model, open.best, open.memory)[index];
    if (here === undefined) return;
    const simplest = [...open.model.operations]
      .flatMap(([name, operation]) => {
        const choices = asking('operation', name, 'choices', () => operation.choices(here.world));
        const args = byLikeness(choices, here.step.args)[0];
        return args === undefined ? [] : [{ operation: name, args: { ...args } }];
      })
      .filter(step => rank(step) < rank(here.step))
      .sort((one, other) => rank(one) - rank(other));
    for (const step of simplest) if (await open.accept(open.best.with(index, step), 'a simpler operation')) break;
  }
}

/**
 * Swaps neighbours that are not in alphabetical order, if the violation still shows; on a real machine only those of which the
 * model says that their order makes no difference.
 */
async function order<W, S, H>(open: Gate<W, S, H>, { canonical }: Thoroughness): Promise<void> {
  const { model } = open;
  for (let at = 0; at + 1 < open.best.length; at++) {
    const { best, memory } = open;
    const [one, other] = [best[at], best[at + 1]] as [Step, Step];
    if (keyOf([other]) >= keyOf([one])) continue;
    const candidate = best.with(at, other).with(at + 1, one);
    const commute = (): boolean => equal(shownAfter(model, best, memory), shownAfter(model, candidate, memory));
    if (!canonical && (at + 2 === best.length || !commute())) continue;
    if (await open.accept(candidate, 'a simpler order')) at = Math.max(-1, at - 2);
  }
}
