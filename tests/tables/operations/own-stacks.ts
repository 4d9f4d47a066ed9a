import { type Sequence, step } from '../../helpers/sequence.ts';

const media = { stack: 'media' };
const at = (service: string) => ({ ...media, service });
const dockerCompose = { profile: 'tests/profiles/own' };
const podmanCompose = { profile: 'tests/profiles/own-pc', provider: 'podman-compose' } as const;

const debug = (state: 'on' | 'off') => step('switch-compose-profile', { ...media, profile: 'debug', state });
const internal = step('edit-network', { ...media, network: 'default', option: 'internal' });
const smaller = step('edit-volume', { ...media, volume: 'data', size: '1m' });
const vpn = step('edit-variable', { ...at('vpn'), name: 'COUNTRY', edit: 'change' });
const failing = step('edit-exit-status', { ...at('migrate'), status: 3 });
const unwatched = [step('kill-conmon', at('app')), step('restart', media)];
const pulled = [
  step('edit-pull-policy', { ...at('app'), pull: 'always' }),
  step('publish-image', { version: 'v2' }),
  step('restart', media),
];

/** Edits of an own compose file, each followed by its rebuild, and what the providers make of them. */
export default [
  {
    ...dockerCompose,
    steps: [
      step('edit-variable', { ...at('app'), name: 'DATABASE', edit: 'change' }),
      step('edit-shared-variable', { ...media, name: 'TZ' }),
      step('edit-label', { ...at('app'), name: 'example.added', edit: 'add' }),
      step('edit-command', at('app')),
      step('edit-process', { ...at('app'), key: 'hostname' }),
      step('edit-port', { ...at('app'), edit: 'move', published: 18080 }),
      step('move-config', { ...at('app'), config: 'site' }),
      step('edit-mount', { ...at('db'), target: '/data', edit: 'target' }),
      step('edit-attachment', { ...at('db'), network: 'default', edit: 'attach' }),
      step('edit-dependency', { ...at('app'), on: 'db', condition: 'none' }),
      ...pulled,
      // A job that has ended with 0 is done again.
      step('rebuild'),
      ...unwatched,
      step('rename-service', { ...at('app'), to: 'app2' }),
    ],
    ends: 'held',
  },
  // It says why it fails; what runs already goes on running under the failed unit.
  { ...dockerCompose, steps: [failing], ends: 'stopped-means-stopped', fails: ['edit-exit-status'] },
  { ...dockerCompose, steps: [debug('on'), debug('off')], ends: 'no-orphans' },
  { ...dockerCompose, steps: [step('edit-config', { ...media, config: 'site' })], ends: 'declared-is-in-force' },
  { ...dockerCompose, steps: [smaller], ends: 'declared-is-in-force' },
  { ...dockerCompose, steps: [internal], ends: 'declared-is-in-force' },
  // It tries to remove a container that another one needs, and cannot.
  { ...dockerCompose, steps: [vpn], ends: 'failure-is-justified', fails: ['edit-variable'] },

  { ...podmanCompose, steps: [debug('on'), debug('off'), internal, vpn, step('rebuild'), ...unwatched], ends: 'held' },
  {
    profile: 'tests/profiles/own-hardened',
    steps: [
      step('edit-config', { ...media, config: 'site' }),
      debug('on'),
      debug('off'),
      internal,
      vpn,
      failing,
      step('edit-exit-status', { ...at('migrate'), status: 0 }),
      step('add-stack', { stack: 'extra' }),
      // It is refused, since the volume would have to be made anew; and so it is, by the way out that it names.
      smaller,
      step('stop', media),
      step('prune-system'),
      step('remove-volume', { volume: 'media_data' }),
      step('rebuild'),
      // Its named volume is kept.
      step('remove-stack', media),
    ],
    ends: 'held',
    fails: ['edit-exit-status', 'edit-volume'],
  },

  // It is refused before anything is touched: podman-compose would wait for a job that has ended.
  {
    profile: 'tests/profiles/own-hardened-pc',
    provider: 'podman-compose',
    steps: [
      step('edit-dependency', { ...at('app'), on: 'migrate', condition: 'service_started' }),
      step('edit-dependency', { ...at('app'), on: 'migrate', condition: 'service_completed_successfully' }),
      vpn,
    ],
    ends: 'held',
    fails: ['edit-dependency'],
  },

  // The file beside it is mounted from where the old compose file stands, and the hash of the new one is the same.
  {
    ...podmanCompose,
    steps: [step('edit-config', { ...media, config: 'file-site.conf' })],
    ends: 'declared-is-in-force',
  },
  { ...podmanCompose, steps: [smaller], ends: 'declared-is-in-force' },
  { ...podmanCompose, steps: [step('attach-to-network', media), internal], ends: 'declared-is-in-force' },
  { ...podmanCompose, steps: pulled, ends: 'success-means-converged' },
  { ...podmanCompose, steps: [failing], ends: 'no-success-against-obstacles' },
] satisfies readonly Sequence[];
