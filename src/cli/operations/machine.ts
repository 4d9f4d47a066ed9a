import { app, type Sequence, step, web } from './sequence.ts';

const goodbye = step('change-environment', { ...app, greeting: 'goodbye' });
const nothing = { change: 'nothing' };
const environment = { change: 'environment' };
const stack = { change: 'stack' };

const hardened = [{ profile: 'hardened' }, { profile: 'hardened', provider: 'podman-compose' }] as const;
const everywhere = [{}, ...hardened] as const;

/** The user manager taken away in every way, and given back. */
const comingBack = everywhere.flatMap(where => [
  {
    steps: [step('degrade'), step('rebuild'), step('elapse-timers'), goodbye, step('reboot'), step('rebuild')],
    ends: 'held',
    ...where,
  },
  {
    steps: [
      step('terminate-user'),
      step('start-manager'),
      step('linger-off'),
      step('reboot'),
      step('linger-on'),
      step('rebuild'),
    ],
    ends: 'held',
    ...where,
  },
]);

/** A full store refuses what is new, and nothing else; so does an /etc that cannot be written, and more. */
const refused = [
  ...[...everywhere, { profile: 'nixos-etc' }].map(where => ({
    steps: [step('fill-store'), step('rebuild'), goodbye, step('restart', web), step('free-store'), step('rebuild')],
    fails: ['change-environment'],
    ...where,
  })),
  ...[{ fails: [] }, { profile: 'nixos-etc', fails: ['rebuild'] }, { ...hardened[0], fails: ['rebuild'] }].map(
    where => ({
      ...where,
      steps: [step('etc-read-only'), step('rebuild'), goodbye, step('restart', web), step('etc-writable')],
      fails: [...where.fails, 'change-environment'],
    }),
  ),
].map(sequence => ({ ...sequence, ends: 'held' }));

/** Rebuilds that are killed, or not alone. */
const disturbed = everywhere.flatMap(where => [
  {
    steps: [
      step('rebuild-interrupted', environment),
      step('rebuild'),
      step('rebuild-interrupted', stack),
      step('rebuild'),
      step('rebuild-twice', nothing),
      step('rebuild-twice', environment),
    ],
    ends: 'held',
    fails: ['rebuild-interrupted', 'rebuild-interrupted'],
    ...where,
  },
]);

export default [...comingBack, ...refused, ...disturbed] satisfies readonly Sequence[];
