import type { Step } from '../../../models/operation.ts';
import type { Invariant } from '../../../properties/invariant.ts';
import type { Model } from '../types.ts';
import type { ToyLevers } from './machine.ts';
import { operations } from './operations.ts';
import { declared, jobs, type ToySeen, type ToyWorld, toyExpectation, toyShows, toyStart } from './world.ts';

type ToyInvariant = Invariant<ToyWorld, ToySeen>;

const honestClaims: Pick<ToyInvariant, 'promise' | 'broken'> = {
  promise: 'A failure has a reason.',
  broken(_seen, _world, history) {
    const last = history.at(-1);
    if (last === undefined || last.claim.ok || last.mayFail.length > 0) return [];
    return [`${last.step.operation} failed without a reason: ${last.claim.message}`];
  },
};

const nothingLeftBehind: Pick<ToyInvariant, 'promise' | 'broken'> = {
  promise: 'A job that is no longer declared leaves no volume behind.',
  broken: (seen, world) =>
    seen.volumes
      .filter(volume => !(volume.slice(0, 1) in declared(world)))
      .map(volume => `volume ${volume} of job ${volume.slice(0, 1)} is left behind`),
};

/** After these operations, and a claim of success, the files are as declared. */
const filesAfter = (names: readonly string[], promise: string): Pick<ToyInvariant, 'promise' | 'broken'> => ({
  promise,
  broken(seen, world, history) {
    const last = history.at(-1);
    if (last === undefined || !last.claim.ok || !names.includes(last.step.operation)) return [];
    return Object.entries(declared(world))
      .filter(([job, colour]) => seen.files[job] !== colour)
      .map(([job, colour]) => `the file of job ${job} says ${seen.files[job] ?? 'nothing'} instead of ${colour}`);
  },
});

const invariants = {
  'honest-claims': honestClaims,
  'no-silent-drift': filesAfter(['add', 'drop', 'paint', 'rebuild'], 'A rebuild leaves no drift behind.'),
  'nothing-left-behind': nothingLeftBehind,
  'rollback-complete': filesAfter(['rollback'], 'A rollback brings all files back.'),
};

const example: ToyInvariant['example'] = { after: [], lie: seen => seen };

/** The toy as the engine sees it. */
export const toyModel: Model<ToyWorld, ToySeen, ToyLevers> = {
  operations,
  invariants: new Map(Object.entries(invariants).map(([name, rest]) => [name, { ...rest, from: 'toy', example }])),
  start: () => toyStart,
  expectedObservation: toyExpectation,
  shows: toyShows,
  lasting: seen => seen,
  shape: sentence =>
    sentence
      .replace(/\b(job |running\.|files\.)[abc]\b/g, '$1J')
      .replace(/\b[abc]-\d\b/g, 'V')
      .replace(/\b(red|green|blue|grey|nothing)\b/g, 'X'),
  renamed,
};

/** The jobs renamed in the order in which they appear, simplest first. */
function renamed(steps: readonly Step[]): readonly (readonly Step[])[] {
  const names = new Map<unknown, string>();
  for (const { args } of steps)
    if ('job' in args && !names.has(args.job)) names.set(args.job, jobs[names.size] as string);
  const rename = (step: Step): Step =>
    'job' in step.args ? { ...step, args: { ...step.args, job: names.get(step.args.job) as string } } : step;
  return [steps.map(rename)];
}
