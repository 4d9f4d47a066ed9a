import { app, type Sequence, step, web } from '../../helpers/sequence.ts';

const goodbye = step('change-environment', { ...app, greeting: 'goodbye' });
const nothing = { change: 'nothing' };
const environment = { change: 'environment' };
const stack = { change: 'stack' };

const hardened = [{ profile: 'hardened' }, { profile: 'hardened', provider: 'podman-compose' }] as const;
const everywhere = [{}, ...hardened] as const;
const nixos = { profile: 'nixos-etc' } as const;

/** Every way to end the user manager, and to start it again. */
const comingBack = everywhere.flatMap(where => [
  {
    ...where,
    steps: [
      step('fail-unrelated-unit'),
      step('rebuild'),
      step('elapse-timers'),
      goodbye,
      step('reboot'),
      step('rebuild'),
    ],
    ends: 'held',
  },
  {
    ...where,
    steps: [
      step('terminate-user'),
      step('start-manager'),
      step('linger-off'),
      step('reboot'),
      step('linger-on'),
      step('rebuild'),
    ],
    ends: 'held',
  },
]);

/** Sudden ends of the machine. */
const sudden = everywhere.flatMap(where => [
  {
    ...where,
    steps: [goodbye, step('power-cut'), step('rebuild')],
    ends: 'held',
  },
]);

/** What basic.target wants starts with the manager, whatever default.target wants. */
const wantedByAnother = hardened.map(where => ({
  ...where,
  steps: [
    step('add-wants', web),
    step('replace-wants-link', { ...web, by: 'nothing' }),
    step('stop-manager'),
    step('start-manager'),
    step('rebuild'),
    step('add-wants', web),
    step('disable', web),
    step('rebuild'),
    step('change-unit-text', web),
    step('change-unit-text', { stack: 'duo' }),
  ],
  ends: 'held',
}));

/** Nobody finds default.target: hardened sets that aside, and where there is no manager to ask it says what is in the way. */
const shadow = (directory: string, by: string) => step('shadow-default-target', { ...web, directory, by });
const withoutTarget = hardened.map(where => ({
  ...where,
  steps: [
    shadow('~/.config/systemd/user', 'dangling'),
    step('rebuild'),
    shadow('%t/systemd/user', 'mask'),
    step('daemon-reload'),
    step('stop', web),
    goodbye,
    shadow('~/.config/systemd/user', 'empty'),
    step('reboot'),
    step('rebuild'),
    step('start-manager'),
    step('take-away-drift', { ...web, path: '~/.config/systemd/user/default.target' }),
    step('start-manager'),
    step('rebuild'),
  ],
  ends: 'held',
  fails: ['rebuild', 'start-manager'],
}));

/** What is wrong after a boot that follows a power cut: the corpus has the same after a reboot. */
const suddenAndWrong = [
  { ...nixos, steps: [step('relabel-container', app), step('power-cut')] },
  { provider: 'podman-compose', steps: [step('spoil-secret', { secret: 'web' }), step('power-cut')] },
].map(sequence => ({ ...sequence, ends: 'success-means-converged' }));

/** A full store refuses what is new, and nothing else; so does a read-only /etc, which refuses more. */
const refused = [
  ...[...everywhere, nixos].map(where => ({
    ...where,
    steps: [step('fill-store'), step('rebuild'), goodbye, step('restart', web), step('free-store')],
    fails: ['change-environment'],
  })),
  ...[{ fails: [] }, { ...nixos, fails: ['rebuild'] }, { ...hardened[0], fails: ['rebuild'] }].map(where => ({
    ...where,
    steps: [step('etc-read-only'), step('rebuild'), goodbye, step('restart', web), step('etc-writable')],
    fails: [...where.fails, 'change-environment'],
  })),
].map(sequence => ({ ...sequence, ends: 'held' }));

/** Rebuilds that are killed. A rollback after one leaves links that no generation knows of (facts.md F25). */
const interrupted = [
  ...everywhere.map(where => ({
    ...where,
    steps: [
      step('rebuild-interrupted', environment),
      step('rebuild'),
      step('rebuild-interrupted', stack),
      step('rebuild'),
    ],
    ends: 'held',
    fails: ['rebuild-interrupted', 'rebuild-interrupted'],
  })),
  ...[{ ends: 'fragment-is-current' }, ...hardened.map(where => ({ ...where, ends: 'held' }))].map(where => ({
    ...where,
    steps: [step('rebuild-interrupted', stack), step('remove-stack', { stack: 'extra' })],
    fails: ['rebuild-interrupted'],
  })),
];

/** Other commands that are killed: whatever they leave, a rebuild repairs it. */
const halfWay = hardened.map(where => ({
  ...where,
  steps: [
    goodbye,
    step('rollback-interrupted'),
    step('rebuild'),
    step('publish-image', { version: 'v2' }),
    step('update-interrupted'),
    step('rebuild'),
  ],
  ends: 'held',
  fails: ['rollback-interrupted', 'update-interrupted'],
}));

/** Rebuilds during which something else happens. */
const disturbed = [
  { steps: [step('rebuild-twice', environment), step('rebuild')], ends: 'held', fails: ['rebuild-twice'] },
  {
    steps: [step('stop-manager'), step('rebuild-as-manager-starts', environment)],
    ends: 'nothing-half-applied',
    // Where the manager has started everything before the rebuild asks for it (seen once, on a busy computer).
    mayHold: true as const,
    fails: ['rebuild-as-manager-starts'],
  },
  {
    steps: [step('rebuild-beside-update', environment)],
    ends: 'failure-is-justified',
    fails: ['rebuild-beside-update'],
  },
  ...hardened.map(where => ({
    ...where,
    steps: [
      step('rebuild-twice', nothing),
      step('rebuild-twice', stack),
      step('publish-image', { version: 'v2' }),
      // `updated` only if the update comes last: otherwise either build is right.
      step('stop', { stack: 'duo' }),
      step('rebuild-beside-update', environment),
      step('stop-manager'),
      step('rebuild-as-manager-starts', environment),
    ],
    ends: 'held',
  })),
];

export default [
  ...comingBack,
  ...sudden,
  ...suddenAndWrong,
  ...withoutTarget,
  ...wantedByAnother,
  { steps: [step('change-unit-text', web), step('add-wants', web), step('rebuild')], ends: 'enabled-as-declared' },
  { steps: [shadow('~/.config/systemd/user', 'dangling'), step('rebuild')], ends: 'enabled-as-declared' },
  ...refused,
  ...interrupted,
  ...halfWay,
  ...disturbed,
] satisfies readonly Sequence[];
