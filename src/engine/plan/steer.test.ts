import { expect, test } from 'vitest';
import type { Step } from '../../../models/operation.ts';
import { toyModel } from '../toy/model.ts';
import { declared, jobs } from '../toy/world.ts';
import { steeredBySteps } from './steer.ts';

const model: typeof toyModel = {
  ...toyModel,
  parts: {
    names: jobs,
    of: ({ args }) => args.job as string | undefined,
    moved: (steps, to) => steps.map(step => ('job' in step.args ? { ...step, args: { ...step.args, job: to } } : step)),
  },
  isWhole: world => jobs.every(job => world.files[job] === declared(world)[job]),
};

const stepsOf = (text: string): readonly Step[] =>
  text.split('; ').map(each => {
    const [operation = '', job, colour] = each.split(' ');
    return { operation, args: { ...(job && { job }), ...(colour && { colour }) } };
  });
const words = (steps: readonly Step[]) =>
  steps.map(({ operation, args }) => [operation, ...Object.values(args)].join(' ')).join('; ');

test.each([
  [
    'the last step of one',
    'edit a green; rebuild',
    'edit a green; stop b; rebuild; stop a',
    'edit a green; stop b; stop a',
  ],
  ['about another part', 'edit a green; rebuild', 'edit b green; rebuild', 'edit b green'],
  ['not by other arguments', 'edit a green; rebuild', 'edit a blue; rebuild', 'edit a blue; rebuild'],
  [
    'not once the machine is whole',
    'edit a green; rebuild',
    'edit a green; add c; rebuild',
    'edit a green; add c; rebuild',
  ],
  ['nor where it goes on from there', 'add c; rollback', 'add c; restart a; rollback', 'add c; restart a'],
  ['nor what is not possible without it', 'add c', 'add c; edit c green; rebuild', 'rebuild'],
  ['not what another machine does', 'fly; rebuild', 'edit a green; rebuild', 'edit a green; rebuild'],
  ['of no steps', '', 'edit a green; rebuild', 'edit a green; rebuild'],
])('leaves out what ends a known sequence: %s', (_what, known, plan, left) => {
  expect(words(steeredBySteps(model, stepsOf(plan), [known === '' ? [] : stepsOf(known)]))).toBe(left);
});
