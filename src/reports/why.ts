import type { Explanation } from '../engine/shrink/explain.ts';
import { stepWords, type Tellers } from './explain.ts';

/** Why these steps and no fewer, as far as it was tried: the sequences that held, beside those that failed. */
export function why(operations: Tellers, explanation: Explanation): readonly string[] {
  const { steps } = explanation;
  const needed = steps.filter(fact => fact.necessary === 'proved').map(fact => fact.index + 1);
  const others = steps.filter(fact => fact.necessary === 'other').map(fact => fact.index + 1);
  const lines = [
    // For a single step this is obvious.
    ...(needed.length === 0 || steps.length === 1 ? [] : [neededWords(needed, steps.length)]),
    ...(others.length === 0 ? [] : [`Without step ${others.join(' or ')} another promise is broken instead.`]),
    ...steps.flatMap(fact => instead(operations, fact)),
  ];
  return lines.length === 0 ? [] : ['Why these steps:', ...lines.map(line => `  ${line}`)];
}

function neededWords(needed: readonly number[], all: number): string {
  if (needed.length === all) return 'Each of them is needed: without any one of them everything holds.';
  return `Without step ${needed.join(' or ')} everything holds.`;
}

/** Most variants of a step that are listed. */
const most = 3;

function instead(operations: Tellers, { index, instead }: Explanation['steps'][number]): readonly string[] {
  const tell = (outcome: 'same' | 'held') =>
    instead
      .filter(other => other.outcome === outcome)
      .slice(0, most)
      .map(other => `"${stepWords(operations, other.step)}"`);
  const [same, held] = [tell('same'), tell('held')];
  return [
    ...(same.length === 0 ? [] : [`The same happens where step ${index + 1} is ${same.join(' or ')}.`]),
    ...(held.length === 0 ? [] : [`It does not happen where step ${index + 1} is ${held.join(' or ')}.`]),
  ];
}
