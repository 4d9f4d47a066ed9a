import { type Scenario, step } from '../scenario.ts';

export default {
  about: 'Rebuild twice without a change.',
  passes: 'No unit and no container restarts: same start times, same containers.',
  cases: () => ({
    'from the start': [step('rebuild'), step('rebuild')],
    'after a change': [
      step('change-environment', { stack: 'web', service: 'app', greeting: 'goodbye' }),
      step('rebuild'),
      step('rebuild'),
    ],
  }),
} satisfies Scenario;
