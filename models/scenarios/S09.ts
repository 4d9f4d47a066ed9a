import { type Scenario, step } from '../scenario.ts';

const web = { stack: 'web' };
const app = { ...web, service: 'app' };
const sick = step('make-unhealthy', app);
const [restart, rebuild] = [step('restart', web), step('rebuild')];
const probed = step('elapse-timers');

export default {
  about:
    'Declare a healthcheck that never leaves starting, or never passes; let one turn unhealthy, and stay so while its ' +
    'timer elapses; rebuild, restart, update.',
  passes: 'What runs becomes healthy, or fails visibly and stays so; what is stale and unhealthy is replaced.',
  cases: () => ({
    'never leaves starting': [step('set-healthcheck', { ...app, healthcheck: 'slow' }), restart, probed],
    'never passes, and taken back': [
      step('set-healthcheck', { ...app, healthcheck: 'failing' }),
      step('rollback'),
      restart,
    ],
    'turns unhealthy, and stays so': [sick, rebuild, probed, rebuild],
    'turns unhealthy, and recovers': [sick, step('make-healthy', app), probed, rebuild],
    'turns unhealthy, and is started anew': [sick, restart, rebuild],
    'unhealthy for a while, and the stack changed': [
      sick,
      probed,
      step('change-environment', { ...app, greeting: 'goodbye' }),
      probed,
    ],
    'unhealthy for a while, and updated': [sick, probed, step('publish-image', { version: 'v2' }), step('auto-update')],
  }),
  lacks: 'a threshold of minutes: nobody can move a lab machine’s clock, so timers are made to elapse instead',
} satisfies Scenario;
