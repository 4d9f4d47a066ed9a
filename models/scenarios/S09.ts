import { type Scenario, step } from '../scenario.ts';

const web = { stack: 'web' };
const app = { ...web, service: 'app' };
const sick = step('sicken', app);

export default {
  about: 'Declare a healthcheck that never leaves starting, or never passes; let one turn unhealthy; rebuild.',
  passes: 'What runs becomes healthy, or fails visibly and stays so: never active and silently unhealthy.',
  cases: () => ({
    'never leaves starting': [step('set-healthcheck', { ...app, healthcheck: 'slow' })],
    'never passes': [step('set-healthcheck', { ...app, healthcheck: 'failing' })],
    'never passes, and taken back': [
      step('set-healthcheck', { ...app, healthcheck: 'failing' }),
      step('rollback'),
      step('restart', web),
    ],
    'turns unhealthy': [sick, step('rebuild')],
    'turns unhealthy, and recovers': [sick, step('cure', app), step('rebuild')],
    'turns unhealthy, and is started anew': [sick, step('restart', web), step('rebuild')],
  }),
} satisfies Scenario;
