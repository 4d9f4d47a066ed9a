import { type Scenario, step } from '../scenario.ts';

const app = { stack: 'web', service: 'app' };

export default {
  about: 'Change tag and environment; rebuild; roll back; go forward again.',
  passes: 'Unit and containers are those of the earlier generation; forward again works.',
  cases: () => ({
    'one change': [step('change-image-tag', { ...app, tag: 'v2' }), step('rollback'), step('rebuild')],
    'two changes': [
      step('change-image-tag', { ...app, tag: 'v2' }),
      step('change-environment', { ...app, greeting: 'goodbye' }),
      step('rollback'),
      step('rollback'),
      step('rebuild'),
    ],
  }),
  lacks: 'a changed secret among the changes',
} satisfies Scenario;
