import { app, duo, type Sequence, step, web } from '../../helpers/sequence.ts';

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
] satisfies readonly Sequence[];
