import { app, duo, owner, type Sequence, step, web } from '../../helpers/sequence.ts';

const control = '~/.config/systemd/user.control';

/** What an operator types about a stack's unit, and what is placed by hand in the search path. */
export default [
  {
    steps: [
      step('stop', web),
      step('start', web),
      step('try-restart', web),
      step('reload', web),
      step('kill', duo),
      step('daemon-reexec'),
      step('remove-secret', { secret: 'web' }),
      step('try-restart', web),
      step('reset-failed', web),
      step('try-restart', web),
      step('start', web),
    ],
    ends: 'held',
    fails: ['reload', 'try-restart', 'start'],
  },
  {
    steps: [
      step('edit-by-systemctl', web),
      step('restart', web),
      step('set-property', web),
      step('add-drop-in', { ...web, directory: control, level: 'prefix' }),
      step('add-drop-in', { ...web, directory: '~/.local/share/systemd/user', level: 'type' }),
      step('daemon-reload'),
      step('restart', duo),
      step('revert', web),
      step('take-away-drift', { ...web, path: `${control}/web-.service.d/50-drift.conf` }),
      step('mask', web),
      step('mask-runtime', web),
      step('mask-force', web),
      step('restart', web),
      step('unmask', web),
      step('enable', web),
      step('disable', duo),
    ],
    ends: 'held',
    fails: ['mask', 'restart', 'enable'],
  },
  { steps: [step('disable', web), step('stop', web)], ends: 'stopped-means-stopped' },
  { steps: [step('disable', web), step('stop', web)], ends: 'held', provider: 'podman-compose' },
  { steps: [step('kill', web), step('rebuild')], ends: 'active-means-running', provider: 'podman-compose' },
  { steps: [step('replace-unit', { ...web, by: 'mask' }), step('rebuild')], ends: 'fragment-is-current' },
  {
    steps: [
      step('replace-unit', { ...web, by: 'directory' }),
      step('change-environment', { ...app, greeting: 'goodbye' }),
    ],
    ends: 'held',
    fails: ['change-environment'],
  },
  {
    steps: [
      step('replace-wants-link', { ...web, by: 'nothing' }),
      step('daemon-reload'),
      step('enable', web),
      step('change-environment', { ...app, greeting: 'goodbye' }),
    ],
    ends: 'held',
    fails: ['change-environment'],
  },
  { steps: [step('edit-unit', { ...web, directory: owner }), step('enable', web), step('restart', web)], ends: 'held' },
] satisfies readonly Sequence[];
