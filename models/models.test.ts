import { describe, expect, it } from 'vitest';
import { expectedObservation } from './expected-observation.ts';
import { homelab } from './homelab.ts';
import { unitPath } from './machine/search-path.ts';
import type { Operation, Step } from './operation.ts';
import { ownHomelab } from './own-homelab.ts';
import { firstWorld } from './transitions/first.ts';
import type { World } from './world.ts';

const modules = import.meta.glob<{ default: Operation }>('./operations/**/*.ts', { eager: true });
const operations = new Map(
  Object.entries(modules)
    .map(([path, module]) => [path.replace(/^.*\/|\.ts$/g, ''), module.default] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1)),
);

const named = (name: string): Operation => {
  const found = operations.get(name);
  if (found === undefined) throw new Error(`no operation ${name}`);
  return found;
};

const yes = { ok: true, status: 0, message: '' };
const no = { ok: false, status: 1, message: 'no' };

/** The world after these steps, the last of which makes this claim. */
const led = (steps: readonly Step[], claim = yes): World =>
  steps.reduce((world, { operation, args }, index) => {
    const op = named(operation);
    expect(op.allowed(world, args), `${operation} must be allowed`).toBe(true);
    return op.expected(world, args, index === steps.length - 1 ? claim : yes);
  }, firstWorld(homelab));

const step = (operation: string, args: Step['args'] = {}): Step => ({ operation, args });
const web = { stack: 'web' };
const app = { ...web, service: 'app' };
const owner = '~/.config/systemd/user';

const quadlets = { ...homelab, traits: { ...homelab.traits, ownUnits: true, quadlets: true } };

describe.each([...operations])('operation %s', (_name, op) => {
  it.each([
    ['the usual stacks', homelab],
    ['an operator’s own', ownHomelab],
    ['quadlet files', quadlets],
  ])('offers only what it allows, in plain objects, everywhere that a walk leads on %s', (_of, setup) => {
    let world = firstWorld(setup);
    for (let seed = 1; seed < 200; seed++) {
      for (const args of op.choices(world)) {
        expect(op.allowed(world, args)).toBe(true);
        expect(Object.getPrototypeOf(args)).toBe(Object.prototype);
        expect(JSON.parse(JSON.stringify(args))).toEqual(args);
        expect(op.describe(args)).toMatch(/^[a-z].*[^.]$/);
      }
      world = walk(world, seed);
    }
  });

  it.each([
    ['the usual stacks', homelab],
    ['an operator’s own', ownHomelab],
    ['quadlet files', quadlets],
  ])('changes no world in place, on %s', (_of, setup) => {
    const world = firstWorld(setup);
    const before = JSON.stringify(world);
    for (const args of op.choices(world)) for (const claim of [yes, no]) op.expected(world, args, claim);
    expect(JSON.stringify(world)).toBe(before);
  });
});

/** One step of a walk through the model, decided by a number. */
function walk(world: World, seed: number): World {
  const choices = [...operations.values()].flatMap(op => op.choices(world).map(args => ({ op, args })));
  const chosen = choices[(seed * 7919) % choices.length];
  return chosen === undefined ? world : chosen.op.expected(world, chosen.args, seed % 5 === 0 ? no : yes);
}

describe('what we believe', () => {
  it('is undone by a rebuild that claims success, whatever hands had done', () => {
    const world = led([
      step('edit-unit', { ...web, directory: owner }),
      step('add-drop-in', { ...web, directory: '~/.local/share/systemd/user' }),
      step('stop-container', app),
      step('rebuild'),
    ]);
    expect(expectedObservation(world)).toEqual(expectedObservation(firstWorld(homelab)));
  });

  it('is that a refused rebuild leaves everything but the wish as it was', () => {
    const drift = step('edit-unit', { ...web, directory: owner });
    const refused = led([drift, step('change-image-tag', { ...app, tag: 'v2' })], no);
    const before = expectedObservation(led([drift]));
    expect(expectedObservation(refused)).toEqual({ ...before, generation: { profile: 2, home: 1 } });
  });

  it('is that a missing secret lets only its own stack fail', () => {
    const world = led([step('remove-secret', { secret: 'web' }), step('change-image-tag', { ...app, tag: 'v2' })], no);
    expect(world.stacks.web?.active).toBe('failed');
    expect(world.stacks.web?.containers.app?.state).toBe('exited');
    expect(world.stacks.duo?.active).toBe('active');
    expect(expectedObservation(world).generation).toEqual({ profile: 2, home: 2 });
  });

  it('is that restart runs what is loaded, and reload loads the strongest file', () => {
    const shadow = step('shadow-unit', { ...web, directory: '~/.config/systemd/user.control' });
    expect(led([shadow, step('restart', web)]).stacks.web?.containers.app?.marker).toBe('declared');
    const reloaded = led([shadow, step('daemon-reload'), step('restart', web)]).stacks.web;
    expect(reloaded?.containers.app?.marker).toBe('shadow');
    expect(reloaded?.loaded.fragmentPath).toBe(unitPath('~/.config/systemd/user.control', 'web'));
  });

  it('is that a weaker copy of a unit changes nothing', () => {
    const steps = [step('shadow-unit', { ...web, directory: '~/.local/share/systemd/user' }), step('daemon-reload')];
    expect(led(steps).stacks.web?.loaded.marker).toBe('declared');
  });

  it('is that rolling back and rebuilding goes back and forth between two generations', () => {
    const change = step('change-environment', { ...app, greeting: 'goodbye' });
    const back = led([change, step('rollback')]);
    expect(back.stacks.web?.containers.app?.greeting).toBe('hello');
    const forth = led([change, step('rollback'), step('rebuild')]);
    expect(forth.stacks.web?.containers.app?.greeting).toBe('goodbye');
    expect(forth.generations).toHaveLength(2);
  });

  it('is that the newest image runs after an update, and not before', () => {
    const push = step('publish-image', { version: 'v2' });
    expect(led([push, step('restart', web)]).stacks.web?.containers.app?.image).toBe('v1');
    expect(led([push, step('auto-update')]).stacks.web?.containers.app?.image).toBe('v2');
    expect(led([push, step('auto-update')]).stacks.duo?.containers.db?.image).toBe('v1');
  });

  it('is that a manager that comes back starts every stack', () => {
    const down = [step('remove-secret', { secret: 'duo' }), step('stop-manager')];
    expect(Object.values(expectedObservation(led(down)).containers).map(({ state }) => state)).toEqual([
      'exited',
      'exited',
      'exited',
    ]);
    const up = led([...down, step('start-manager')]);
    expect([up.stacks.web?.active, up.stacks.duo?.active]).toEqual(['active', 'failed']);
  });
});

it('an env file declared for a stack that was added is missing until somebody gives it', () => {
  const args = { stack: 'extra', secret: 'extra-extra' };
  const mustFail = (world: World) => named('declare-env-file').mustFail?.(world, args);
  const added = step('add-stack', { stack: 'extra' });
  expect(mustFail(led([added]))).toEqual(['extra needs ~/secrets/extra-extra.env, which is missing']);
  expect(mustFail(led([added, step('restore-secret', { secret: 'extra-extra' })]))).toEqual([]);
});

it('whether a container that only claims to be of a stack is stopped with it, is not said', () => {
  const world = led([step('add-foreign-container', web), step('stop', web)]);
  const { containers, vague } = expectedObservation(world);
  expect(containers['web/app']?.state).toBe('exited');
  expect(vague).toEqual({ everything: false, stacks: [], containers: ['web/intruder'], leftovers: [] });
});
