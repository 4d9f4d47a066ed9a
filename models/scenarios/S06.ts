import { type Scenario, step } from '../scenario.ts';

export default {
  about: 'Remove a secret, rebuild without a change, restore it, rebuild again.',
  passes: 'What still runs is left alone, what would have to start fails fast, and all recovers.',
  cases: () => ({
    'while it runs': [
      step('remove-secret', { secret: 'duo' }),
      step('rebuild'),
      step('restore-secret', { secret: 'duo' }),
    ],
    'once it has failed': [
      step('remove-secret', { secret: 'duo' }),
      step('restart', { stack: 'duo' }),
      step('restore-secret', { secret: 'duo' }),
      step('rebuild'),
    ],
  }),
  lacks: "changing a secret's path",
} satisfies Scenario;
