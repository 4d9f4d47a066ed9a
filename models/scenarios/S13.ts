import { type Scenario, step } from '../scenario.ts';

const pushed = step('publish-image', { version: 'v2' });

export default {
  about: 'Push v2 to the local registry under the tag that v1 runs by; run the update in each of its ways.',
  passes: 'The update succeeds, its stacks are restarted, and every container that asks for updates runs v2.',
  cases: ({ traits }) => ({
    'by command': [pushed, step('auto-update')],
    'by the service that podman brings': [pushed, step('update-by-service')],
    ...(traits.hasUpdateUnit && { "by the profile's own unit": [pushed, step('update-by-own-unit')] }),
    'asked for, and not done': [pushed, step('update-dry-run'), step('auto-update')],
  }),
} satisfies Scenario;
