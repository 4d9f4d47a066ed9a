import { app, duo, type Sequence, step, web } from '../../helpers/sequence.ts';

const api = { ...duo, service: 'api' };
const db = { ...duo, service: 'db' };
const hardened = { profile: 'hardened' } as const;

const network = { ...web, network: 'web_default' };

/** The meaning of a tag on the machine is changed by hand; the next start by docker compose or by hardened uses it. */
const images = [
  step('build-by-hand', { tag: 'stable' }),
  step('restart', web),
  step('change-image-tag', { ...app, tag: 'v2' }),
  step('tag-by-hand', { version: 'v2', tag: 'stable' }),
  step('restart', duo),
];

/** What is done to containers by hand and by signals, what becomes of their health, and what a registry can do to an update. */
export default [
  {
    steps: [
      step('kill-container', app),
      step('restart', web),
      step('make-unhealthy', app),
      step('make-healthy', app),
      step('attach-to-network', web),
      step('orphan-timer'),
      step('rename-container', api),
      step('kill-conmon', db),
    ],
    ends: 'held',
  },
  { steps: [step('kill-container-and-conmon', app), step('rebuild')], ends: 'active-means-running' },
  { steps: [step('make-unhealthy', app), step('rebuild')], ends: 'health-never-silently-bad' },
  {
    // By its tag: the image that was built since.
    steps: [step('build-by-hand', { tag: 'stable' }), step('relabel-container', app), step('restart', web)],
    ends: 'held',
    fails: ['restart'],
  },
  { steps: [step('add-foreign-container', web), step('restart', web)], ends: 'held', fails: ['restart'] },
  { steps: [...images, step('stop', web), step('remove-network', network), step('start', web)], ends: 'held' },
  { steps: [...images, step('auto-update')], ends: 'held', ...hardened },
  { steps: [...images, step('auto-update')], ends: 'held', ...hardened, provider: 'podman-compose' },
  // podman-compose starts the old container of the old image (facts-debian13 F80).
  { steps: images.slice(0, 2), ends: 'success-means-converged', provider: 'podman-compose' },
  { steps: [step('update-by-service')], ends: 'failure-is-justified', fails: ['update-by-service'] },
  { steps: [step('update-dry-run')], ends: 'failure-is-justified', fails: ['update-dry-run'] },
  {
    steps: [
      step('publish-image', { version: 'v2' }),
      step('update-by-own-unit'),
      step('publish-image', { version: 'broken' }),
      step('auto-update'),
      step('delete-tag'),
      step('auto-update'),
      step('publish-image', { version: 'v3' }),
      step('update-on-full-disk'),
      step('stop-registry'),
      step('auto-update'),
      step('restart', web),
      step('start-registry'),
      step('auto-update'),
    ],
    ends: 'held',
    fails: ['auto-update', 'auto-update', 'update-on-full-disk', 'auto-update'],
    ...hardened,
  },
] satisfies readonly Sequence[];
