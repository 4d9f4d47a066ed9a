import { type Scenario, step } from '../scenario.ts';

export default {
  about: "Change a service's image tag; rebuild.",
  passes: 'The container runs the new image, its unit is active, and nothing else was restarted.',
  cases: () => ({
    'stack of one': [step('change-image-tag', { stack: 'web', service: 'app', tag: 'v2' }), step('rebuild')],
    'stack of two': [step('change-image-tag', { stack: 'duo', service: 'db', tag: 'v2' }), step('rebuild')],
  }),
} satisfies Scenario;
