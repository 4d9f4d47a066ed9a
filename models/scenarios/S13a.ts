import { type Scenario, step } from '../scenario.ts';

const broken = step('publish-image', { version: 'broken' });

export default {
  about: 'Push an image that cannot start under the tag that the stacks run by; run the update.',
  passes: 'The update reports the failure, or that it went back; the old image runs; nothing claims success.',
  cases: ({ traits }) => ({
    'by command': [broken, step('auto-update'), step('rebuild')],
    ...(traits.hasUpdateUnit && { "by the profile's own unit": [broken, step('update-by-own-unit')] }),
    'and mended': [broken, step('auto-update'), step('publish-image', { version: 'v3' }), step('auto-update')],
  }),
} satisfies Scenario;
