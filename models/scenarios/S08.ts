import { type Scenario, step } from '../scenario.ts';

const round = [step('auto-update'), step('rebuild')];

export default {
  about: 'Push a new image; auto-update, then rebuild, then both again.',
  passes: 'The declared generation runs the newest image, and the second round changes nothing.',
  cases: () => ({ 'in turn': [step('publish-image', { version: 'v2' }), ...round, ...round] }),
  lacks: 'a rebuild while an update is under way',
} satisfies Scenario;
