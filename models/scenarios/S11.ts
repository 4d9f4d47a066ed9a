import { type Scenario, step } from '../scenario.ts';

const changed = step('change-environment', { stack: 'web', service: 'app', greeting: 'goodbye' });

export default {
  about: 'Stop the user manager; rebuild, with and without a change; start it again; rebuild.',
  passes: 'The rebuild that could not reconcile says so, and after the way back everything converges.',
  cases: () => ({
    'without a change': [step('stop-manager'), step('rebuild'), step('start-manager'), step('rebuild')],
    'with a change': [step('stop-manager'), changed, step('start-manager'), step('rebuild')],
  }),
  lacks: 'a degraded manager, linger taken away, a reboot',
} satisfies Scenario;
