import { type Scenario, step } from '../scenario.ts';

export default {
  about: 'Rebuild twice without a change.',
  passes: 'No unit and no container restarts: same start times, same containers.',
  cases: () => ({
    'from the start, and after a change': [
      step('rebuild'),
      step('rebuild'),
      step('change-environment', { stack: 'web', service: 'app', greeting: 'goodbye' }),
      step('rebuild'),
      step('rebuild'),
    ],
  }),
} satisfies Scenario;
