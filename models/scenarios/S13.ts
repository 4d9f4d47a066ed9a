import { type Scenario, step } from '../scenario.ts';

export default {
  about: 'Push v2 to the local registry under the tag that v1 runs by; run the auto-update.',
  passes: 'The update succeeds, and every container that asks for updates runs v2.',
  cases: () => ({ 'new image': [step('publish-image', { version: 'v2' }), step('auto-update')] }),
  lacks: 'S13a (an image that cannot start) and S13b (the tag gone, the registry down)',
} satisfies Scenario;
