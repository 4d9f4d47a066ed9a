import { type Sequence, step } from '../../helpers/sequence.ts';

const media = { stack: 'media' };
const at = (service: string) => ({ ...media, service });
const profile = 'tests/profiles/own';

/** Edits of an operator's own compose file, each with the rebuild that follows it; what they end with is docker compose's doing. */
export default [
  {
    profile,
    steps: [
      step('edit-variable', { ...at('app'), name: 'DATABASE', edit: 'change' }),
      step('edit-label', { ...at('app'), name: 'example.added', edit: 'add' }),
      step('edit-command', at('app')),
      step('edit-process', { ...at('app'), key: 'hostname' }),
      step('edit-port', { ...at('app'), edit: 'move', published: 18080 }),
      step('move-config', { ...at('app'), config: 'site' }),
      step('edit-mount', { ...at('db'), target: '/data', edit: 'target' }),
      step('edit-attachment', { ...at('db'), network: 'default', edit: 'attach' }),
      step('edit-dependency', { ...at('app'), on: 'db', condition: 'none' }),
      step('edit-pull-policy', { ...at('app'), pull: 'always' }),
      step('publish-image', { version: 'v2' }),
      step('restart', media),
      step('rename-service', { ...at('vpn'), to: 'vpn2' }),
    ],
    ends: 'held',
  },
  {
    profile,
    steps: [step('edit-exit-status', { ...at('migrate'), status: 3 })],
    ends: 'held',
    fails: ['edit-exit-status'],
  },
  {
    profile,
    steps: [
      step('switch-compose-profile', { ...media, profile: 'debug', state: 'on' }),
      step('switch-compose-profile', { ...media, profile: 'debug', state: 'off' }),
    ],
    ends: 'no-orphans',
  },
  { profile, steps: [step('edit-config', { ...media, config: 'site' })], ends: 'declared-is-in-force' },
  { profile, steps: [step('edit-volume', { ...media, volume: 'data', size: '1m' })], ends: 'declared-is-in-force' },
  {
    profile,
    steps: [step('edit-network', { ...media, network: 'back', option: 'internal' })],
    ends: 'declared-is-in-force',
  },
  {
    profile,
    steps: [step('edit-variable', { ...at('vpn'), name: 'COUNTRY', edit: 'change' })],
    ends: 'failure-is-justified',
    fails: ['edit-variable'],
  },
] satisfies readonly Sequence[];
