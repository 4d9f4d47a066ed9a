import { app, type Sequence, step, web } from '../../helpers/sequence.ts';

/** Where systemd's limit of starts is in force: the unit that is refused says so, and runs again once its failure is reset. */
export default [
  {
    profile: 'tests/profiles/limited',
    steps: [
      step('restart', web),
      step('restart', web),
      step('restart', web),
      step('restart', web),
      step('start', web),
      step('reset-failed', web),
      step('start', web),
      step('change-environment', { ...app, greeting: 'goodbye' }),
      step('stop-manager'),
      step('start-manager'),
      step('restart', web),
    ],
    ends: 'held',
    fails: ['restart', 'start'],
  },
] satisfies readonly Sequence[];
