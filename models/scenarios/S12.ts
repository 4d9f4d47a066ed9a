import { type Scenario, step } from '../scenario.ts';

const web = { stack: 'web' };
const app = { ...web, service: 'app' };
const tag = step('change-image-tag', { ...app, tag: 'v2' });
const environment = step('change-environment', { ...app, greeting: 'goodbye' });
const secret = [
  step('restore-secret', { secret: 'web-moved' }),
  step('move-secret-path', { ...web, from: 'web', to: 'web-moved' }),
];
const [back, forward] = [step('rollback'), step('rebuild')];

export default {
  about: 'Change tag, environment and secret; rebuild; roll back; go forward again.',
  passes: 'Unit and containers are those of the earlier generation; forward again works.',
  cases: () => ({
    'one change': [tag, back, forward],
    'two changes': [tag, environment, back, back, forward],
    'a secret too': [tag, environment, ...secret, back, back, back, forward],
    'everything at once': [step('change-everything', { tag: 'v2', greeting: 'goodbye' }), back, forward],
  }),
} satisfies Scenario;
