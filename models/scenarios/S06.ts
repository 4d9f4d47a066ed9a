import { type Scenario, step } from '../scenario.ts';

const web = { stack: 'web' };
const duo = { stack: 'duo' };
const moved = step('move-secret-path', { ...web, from: 'web', to: 'web-moved' });
const [gone, back] = [step('remove-secret', { secret: 'duo' }), step('restore-secret', { secret: 'duo' })];

export default {
  about: "Change a secret's path; remove a secret, rebuild without a change, restore it, rebuild again.",
  passes: 'The new path is used; what would have to start without its secret fails fast; all recovers.',
  cases: () => ({
    'moved, and the old one gone': [
      step('restore-secret', { secret: 'web-moved' }),
      moved,
      step('remove-secret', { secret: 'web' }),
      step('restart', web),
    ],
    'moved to where there is none': [moved, step('restore-secret', { secret: 'web-moved' }), step('rebuild')],
    'gone while its stack runs': [gone, step('rebuild'), back],
    'gone, and its stack has failed': [gone, step('restart', duo), back, step('rebuild')],
  }),
} satisfies Scenario;
