import { describe, expect, it } from 'vitest';
import { expectedObservation } from '../expected-observation.ts';
import { homelab } from '../homelab.ts';
import { unitPath } from '../machine/search-path.ts';
import { debian12 } from '../machine/traits.ts';
import type { Operation, Step } from '../operation.ts';
import { firstWorld } from '../transitions/first.ts';
import type { World } from '../world.ts';

const modules = import.meta.glob<{ default: Operation }>('../operations/**/*.ts', { eager: true });
const yes = { ok: true, status: 0, message: '' };
const no = { ok: false, status: 1, message: 'no' };
const killed = { ok: false, status: 137, message: 'killed' };
const first = firstWorld(homelab);

const of = (name: string): Operation => {
  const found = Object.entries(modules).find(([path]) => path.endsWith(`/${name}.ts`))?.[1].default;
  if (found === undefined) throw new Error(`no operation ${name}`);
  return found;
};

/** The world after an operation that is allowed and makes this claim. */
function upon(world: World, name: string, args: Step['args'] = {}, claim = yes): World {
  expect(of(name).allowed(world, args), `${name} must be allowed`).toBe(true);
  return of(name).expected(world, args, claim);
}

const shadow = { stack: 'web', directory: '%t/systemd/user.control' };
const shadowPath = unitPath('%t/systemd/user.control', 'web');
const edit = { stack: 'web', directory: '~/.config/systemd/user' };
const environment = { change: 'environment' };

describe('the user manager', () => {
  it('leaves the runtime directory behind where it is stopped, and takes it along where logind ends it', () => {
    const drifted = upon(first, 'shadow-unit', shadow);
    expect(expectedObservation(upon(drifted, 'stop-manager')).files).toHaveProperty([shadowPath]);
    for (const name of ['terminate-user', 'linger-off', 'reboot']) {
      expect(expectedObservation(upon(drifted, name)).files).not.toHaveProperty([shadowPath]);
    }
  });

  it('takes it along also where logind forgets an operator without one, and cannot be ended by logind from then on', () => {
    const older = firstWorld({ ...homelab, traits: { ...homelab.traits, ...debian12 } });
    const stopped = upon(upon(older, 'shadow-unit', shadow), 'stop-manager');
    expect(expectedObservation(stopped).files).not.toHaveProperty([shadowPath]);
    const again = upon(stopped, 'start-manager');
    for (const name of ['terminate-user', 'linger-off']) {
      expect(of(name).allowed(again, {})).toBe(false);
      expect(of(name).allowed(upon(again, 'reboot'), {})).toBe(true);
    }
  });

  it('comes back with the machine only where the operator lingers, and with linger', () => {
    const away = upon(first, 'linger-off');
    expect(of('start-manager').allowed(away, {})).toBe(false);
    const booted = upon(away, 'reboot');
    expect(expectedObservation(booted)).toMatchObject({ manager: 'down', units: {} });
    expect(expectedObservation(upon(booted, 'linger-on'))).toEqual(expectedObservation(first));
    expect(expectedObservation(upon(first, 'reboot'))).toEqual(expectedObservation(first));
  });

  it('is not the only one that a boot starts: what the owner then does to drift at its own paths is not known', () => {
    const drifted = upon(first, 'edit-unit', edit);
    expect(upon(drifted, 'reboot').uncertain).not.toBeNull();
    const quiet = { ...drifted, setup: { ...homelab, traits: { ...homelab.traits, activatesAtBoot: false } } };
    expect(upon(quiet, 'reboot').uncertain).toBeNull();
  });
});

describe('a full store', () => {
  const full = upon(first, 'fill-store');
  const change = { stack: 'web', service: 'app', greeting: 'goodbye' };

  it('is a reason to refuse what is new, and not what is there already', () => {
    expect(of('change-environment').mayFail?.(full, change)).toEqual(['the Nix store is full']);
    expect(of('rebuild').mayFail?.(full, {})).toEqual([]);
    expect(expectedObservation(upon(full, 'change-environment', change, no))).toEqual(expectedObservation(first));
  });
});

describe('a rebuild that is not left in peace', () => {
  it('leaves nothing known where it was killed, until one claims success', () => {
    const half = upon(first, 'rebuild-interrupted', environment, killed);
    expect(expectedObservation(half).vague).toMatchObject({ everything: true });
    const whole = upon(half, 'rebuild');
    expect(whole.uncertain).toBeNull();
    expect(expectedObservation(whole)).toEqual(expectedObservation(upon(first, 'rebuild-twice', environment)));
  });

  it('is a rebuild like any other where it ended before that', () => {
    expect(upon(first, 'rebuild-interrupted', environment).uncertain).toBeNull();
  });

  it('leaves nothing known where one of two failed, but where neither could so much as begin', () => {
    expect(upon(first, 'rebuild-twice', environment, no).uncertain).not.toBeNull();
    expect(upon(upon(first, 'fill-store'), 'rebuild-twice', environment, no).uncertain).toBeNull();
  });

  it('brings the newest images along where an update beside it claims success too', () => {
    const world = upon(upon(first, 'publish-image', { version: 'v2' }), 'rebuild-beside-update', environment);
    expect(expectedObservation(world).containers['web/app']).toMatchObject({ image: 'v2', greeting: 'goodbye' });
  });

  it('is only asked for where it would not wait for the user manager, which comes all the same', () => {
    const down = upon(first, 'stop-manager');
    const refused = expectedObservation(upon(down, 'rebuild-as-manager-starts', environment, no));
    expect(refused).toEqual({ ...expectedObservation(first), generation: { profile: 2, home: 1 } });
    const done = expectedObservation(upon(down, 'rebuild-as-manager-starts', environment));
    expect(done).toEqual(expectedObservation(upon(first, 'rebuild-twice', environment)));
  });
});

it('of a rebuild beside an update that failed nothing is known, also where the store is full', () => {
  const full = upon(upon(first, 'publish-image', { version: 'v2' }), 'fill-store');
  const after = upon(full, 'rebuild-beside-update', environment, no);
  expect(after.uncertain).not.toBeNull();
  expect(after.generations).toBe(full.generations);
});
