import { type Sequence, step } from '../../helpers/sequence.ts';

const media = { stack: 'media' };
const at = (service: string) => ({ ...media, service });
const profile = 'tests/profiles/own';

/** What people do by hand with podman beside own stacks. */
export default [
  {
    profile,
    steps: [step('attach-by-hand', { ...at('db'), network: 'media_default' }), step('rebuild')],
    ends: 'declared-is-in-force',
  },
  {
    profile,
    steps: [step('detach-by-hand', { ...at('db'), network: 'media_back' }), step('rebuild')],
    ends: 'declared-is-in-force',
  },
  {
    profile,
    steps: [step('write-in-container', { ...at('app'), path: '/etc/site.conf' }), step('rebuild')],
    ends: 'declared-is-in-force',
  },
  {
    profile,
    steps: [
      step('stop', media),
      step('prune-system'),
      step('remove-volume', { volume: 'media_data' }),
      step('start', media),
    ],
    ends: 'held',
  },
  // A job that has ended with 0 is not done again if its container was removed.
  {
    profile: 'tests/profiles/own-hardened',
    steps: [
      step('remove-container', at('migrate')),
      step('rebuild'),
      step('detach-by-hand', { ...at('db'), network: 'media_back' }),
      step('rebuild'),
      step('attach-by-hand', { ...at('db'), network: 'media_default' }),
      step('rebuild'),
      step('write-in-container', { ...at('app'), path: '/etc/site.conf' }),
      step('rebuild'),
    ],
    ends: 'held',
  },
] satisfies readonly Sequence[];
