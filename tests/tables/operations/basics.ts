import { app, duo, owner, type Sequence, step, web } from '../../helpers/sequence.ts';

export default [
  {
    steps: [
      step('rebuild'),
      step('daemon-reload'),
      step('restart', web),
      step('change-image-tag', { ...app, tag: 'v2' }),
      step('change-environment', { ...duo, service: 'db', greeting: 'goodbye' }),
      step('rename-service', { ...duo, service: 'api', to: 'api2' }),
      step('rollback'),
      step('rebuild'),
      step('publish-image', { version: 'v3' }),
      step('restart', duo),
    ],
    ends: 'held',
  },
  {
    steps: [
      step('stop-container', app),
      step('restart', web),
      step('remove-container', app),
      step('restart', web),
      step('remove-secret', { secret: 'web' }),
      step('restart', web),
      step('restore-secret', { secret: 'web' }),
      step('restart', web),
    ],
    ends: 'held',
    fails: ['restart'],
  },
  // Under other profiles stacks that start at the same time under a new user manager race, and sometimes one fails
  // (docs/races.md).
  { steps: [step('stop-manager'), step('start-manager'), step('restart', web)], ends: 'held', profile: 'hardened' },
  {
    steps: [
      step('add-drop-in', { ...web, directory: owner }),
      step('daemon-reload'),
      step('restart', web),
      step('shadow-unit', { ...duo, directory: '~/.config/systemd/user.control' }),
      step('daemon-reload'),
      step('restart', duo),
    ],
    ends: 'held',
  },
  // With docker compose a restart brings the new text; a rebuild of home-manager does not look at secrets.
  {
    steps: [
      step('rotate-secret', { secret: 'web' }),
      step('restart', web),
      step('rotate-secret', { secret: 'web' }),
      step('rebuild'),
    ],
    ends: 'rotated-secret-is-in-force',
  },
  {
    steps: [
      step('rotate-secret', { secret: 'web' }),
      step('rebuild'),
      step('rotate-secret', { secret: 'web' }),
      step('restart', web),
    ],
    ends: 'held',
    profile: 'hardened',
  },
  {
    steps: [step('edit-unit', { ...web, directory: owner }), step('change-image-tag', { ...app, tag: 'v2' })],
    ends: 'held',
    fails: ['change-image-tag'],
  },
  {
    steps: [step('link-unit-elsewhere', { ...web, directory: owner }), step('rebuild')],
    ends: 'fragment-is-current',
  },
  { steps: [step('auto-update')], ends: 'failure-is-justified', fails: ['auto-update'] },
] satisfies readonly Sequence[];
