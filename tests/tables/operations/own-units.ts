import { app, duo, type Sequence, step, web } from '../../helpers/sequence.ts';

const edited = { ...web, file: 'web-app.container' };
const db = { ...duo, service: 'db' };
const quadlet = { profile: 'quadlet', provider: 'podman' } as const;
const oci = { profile: 'oci-containers', provider: 'podman' } as const;

/** Where every container has a unit of its own. A sequence leaves its machine like a fresh one, but for those at the end of a list. */
export default [
  ...[quadlet, oci].flatMap(where => [
    { ...where, steps: [step('kill-conmon', app), step('rebuild')], ends: 'held' },
    { ...where, steps: [step('stop', web), step('start', web)], ends: 'held' },
  ]),
  { ...quadlet, steps: [step('stop-container', db), step('start', duo)], ends: 'held' },
  { ...oci, steps: [step('stop-container', db), step('rebuild')], ends: 'held' },
  { ...oci, steps: [step('mask-force', web), step('rebuild')], ends: 'held' },
  ...[quadlet, oci].map(where => ({
    ...where,
    steps: [step('publish-image', { version: 'v2' }), step('update-dry-run'), step('auto-update')],
    ends: 'held',
  })),
  // A generator that makes no units, or other ones, and a rebuild that refuses, or comes after somebody has taken the drift away.
  {
    ...quadlet,
    steps: [
      step('edit-generated-unit', app),
      step('restart', web),
      step('edit-quadlet', edited),
      step('daemon-reload'),
      step('restart', web),
      step('rebuild'),
      step('take-away-drift', { ...web, path: '~/.config/containers/systemd/web-app.container' }),
      step('rebuild'),
      step('shadow-quadlet', { ...edited, directory: '%t/containers/systemd' }),
      step('add-quadlet-drop-in', { ...edited, directory: '/etc/containers/systemd/users' }),
      step('rebuild'),
      step('take-away-drift', { ...web, path: '%t/containers/systemd/web-app.container' }),
      step('take-away-drift', { ...web, path: '/etc/containers/systemd/users/web-app.container.d/50-drift.conf' }),
      step('replace-quadlet', { ...duo, file: 'duo-db.container', by: 'mask' }),
      step('daemon-reload'),
      step('stop', duo),
      step('start', duo),
    ],
    ends: 'held',
    fails: ['rebuild', 'rebuild', 'start'],
  },
  {
    ...quadlet,
    steps: [
      step('replace-quadlet', { ...edited, by: 'dangling' }),
      step('restart', web),
      step('daemon-reload'),
      step('restart', duo),
    ],
    ends: 'held',
    fails: ['restart'],
  },
] satisfies readonly Sequence[];
