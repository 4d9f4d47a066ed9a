import { type Scenario, step } from '../scenario.ts';

export default {
  about: 'Rename a service; rebuild.',
  passes: 'The new container is there, the old one is gone, and nothing is left of it.',
  cases: () => ({
    'stack of one': [step('rename-service', { stack: 'web', service: 'app', to: 'app2' }), step('rebuild')],
    'one that another depends on': [step('rename-service', { stack: 'duo', service: 'db', to: 'db2' })],
  }),
} satisfies Scenario;
