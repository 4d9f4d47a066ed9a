import { app, duo, type Sequence, step, web } from '../../helpers/sequence.ts';

const api = { ...duo, service: 'api' };
const db = { ...duo, service: 'db' };

/** Edits of the configuration, each followed by its rebuild. */
export default [
  {
    steps: [
      step('pin-image-digest', { ...app, version: 'v2' }),
      step('set-restart-policy', { ...app, restart: 'unless-stopped' }),
      step('set-update-label', { ...api, autoUpdate: false }),
      step('set-healthcheck', { ...db, healthcheck: 'passing' }),
      step('add-service', { ...web, service: 'aide' }),
      step('remove-service', { ...web, service: 'app' }),
      step('change-everything', { tag: 'v3', greeting: 'goodbye' }),
      step('add-stack', { stack: 'extra' }),
      step('restart', { stack: 'extra' }),
    ],
    ends: 'held',
  },
  {
    steps: [
      step('restore-secret', { secret: 'web-moved' }),
      step('move-secret-path', { ...web, from: 'web', to: 'web-moved' }),
      step('restore-secret', { secret: 'duo-extra' }),
      step('declare-env-file', { ...duo, secret: 'duo-extra' }),
      step('undeclare-env-file', { ...duo, secret: 'duo' }),
      step('spoil-secret', { secret: 'web-moved' }),
      step('restart', web),
    ],
    // docker compose says what is wrong with the file, but not which file it is.
    ends: 'names-the-missing-file',
    fails: ['restart'],
  },
  { steps: [step('remove-stack', duo)], ends: 'no-orphans' },
  { steps: [step('set-unit-label', { ...app, label: 'wrong' })], ends: 'unit-labels-right' },
  { steps: [step('set-healthcheck', { ...app, healthcheck: 'failing' })], ends: 'health-never-silently-bad' },
  { steps: [step('set-healthcheck', { ...app, healthcheck: 'slow' })], ends: 'health-never-silently-bad' },
  { steps: [step('change-image-tag', { ...app, tag: 'broken' })], ends: 'no-success-against-obstacles' },
  {
    steps: [step('change-image-tag', { ...app, tag: 'missing' })],
    ends: 'nothing-half-applied',
    fails: ['change-image-tag'],
  },
] satisfies readonly Sequence[];
