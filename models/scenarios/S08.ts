import { type Scenario, step } from '../scenario.ts';

const pushed = step('publish-image', { version: 'v2' });
const [update, rebuild] = [step('auto-update'), step('rebuild')];

export default {
  about:
    'Push a new image; auto-update, then rebuild, then both again; rebuild while an update is under way, with and ' +
    'without a change.',
  passes: 'The declared generation runs the newest image, and the second round changes nothing.',
  cases: () => ({
    'in turn': [pushed, update, rebuild, update, rebuild],
    'the other way round': [pushed, rebuild, update, rebuild, update],
    'at the same time': [pushed, step('rebuild-beside-update', { change: 'nothing' }), update, rebuild],
    'at the same time, with a change': [
      pushed,
      step('rebuild-beside-update', { change: 'environment' }),
      update,
      rebuild,
    ],
  }),
} satisfies Scenario;
