import { type Scenario, step } from '../scenario.ts';

const [down, up] = [step('stop-registry'), step('start-registry')];
const update = step('auto-update');

export default {
  about: 'Delete the tag from the registry, or stop the registry; run the update.',
  passes: 'The update fails, and the old containers keep running.',
  cases: () => ({
    'tag gone': [step('delete-tag'), update, step('rebuild')],
    'registry down': [down, update, step('rebuild')],
    'registry down, and back': [down, update, up, step('publish-image', { version: 'v2' }), update],
  }),
} satisfies Scenario;
