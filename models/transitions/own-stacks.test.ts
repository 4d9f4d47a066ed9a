import { describe, expect, it, test } from 'vitest';
import { expectedObservation } from '../expected-observation.ts';
import type { ProjectService } from '../machine/compose-project.ts';
import { ownStack } from '../machine/own-stack.ts';
import type { Operation, Step } from '../operation.ts';
import { ownHomelab, media as project } from '../own-homelab.ts';
import { shape } from '../search/signature.ts';
import type { Traits, World } from '../world.ts';
import { firstWorld } from './first.ts';
import { doubtsAbout, doubtsIn, startMustFail } from './lifecycle.ts';

const modules = import.meta.glob<{ default: Operation }>('../operations/**/*.ts', { eager: true });
const named = (name: string): Operation => {
  const found = Object.entries(modules).find(([path]) => path.endsWith(`/${name}.ts`))?.[1].default;
  if (found === undefined) throw new Error(`no operation ${name}`);
  return found;
};

const media = { stack: 'media' };
const at = (service: string) => ({ ...media, service });
const step = (operation: string, args: Step['args'] = {}): Step => ({ operation, args });

/** The world after these steps, each of which says what it must. */
const led = (...steps: Step[]): World =>
  steps.reduce((world, { operation, args }) => {
    const op = named(operation);
    expect(op.allowed(world, args), `${operation} must be allowed`).toBe(true);
    const ok = (op.mustFail?.(world, args) ?? []).length === 0;
    return op.expected(world, args, { ok, status: ok ? 0 : 1, message: '' });
  }, firstWorld(ownHomelab));

const mustFail = (operation: string, args: Step['args'], ...before: Step[]) =>
  named(operation).mustFail?.(led(...before), args) ?? [];

describe('a job', () => {
  it('has ended once its stack has started, and is no reason to start it again', () => {
    const world = led();
    expect(world.stacks.media?.containers.migrate?.state).toBe('exited');
    expect(world.stacks.media?.containers.app?.state).toBe('running');
    const rebuilt = named('rebuild').expected(world, {}, { ok: true, status: 0, message: '' });
    expect(rebuilt.stacks.media?.containers).toBe(world.stacks.media?.containers);
  });

  it('that another service waits for to run is a reason to fail, where the provider does not see that it has ended', () => {
    const app = project.services.app as ProjectService;
    const dependsOn = { ...app.dependsOn, migrate: 'service_started' } as const;
    const waiting = ownStack('media', { ...project, services: { ...project.services, app: { ...app, dependsOn } } });
    const doubts = (traits: Partial<Traits>) =>
      doubtsIn(firstWorld({ ...ownHomelab, traits: { ...ownHomelab.traits, ...traits } }), 'media', {
        revision: 1,
        ...waiting,
      });
    expect(doubts({})).toEqual([]);
    expect(doubts({ awaitsEndedJobs: true })).toEqual(['media/app waits for media/migrate to run, which ends at once']);
  });

  it('that fails keeps from starting what waits for it to complete', () => {
    const args = { ...at('migrate'), status: 3 };
    expect(mustFail('edit-exit-status', args)).toEqual([
      'media/app waits for media/migrate to complete, which ends with 3',
    ]);
    const free = step('edit-dependency', { ...at('app'), on: 'migrate', condition: 'service_started' });
    expect(mustFail('edit-exit-status', args, free)).toEqual([]);
    expect(doubtsAbout(led(free, step('edit-exit-status', args)), 'media')).toEqual(['media/migrate ends with 3']);
  });
});

test('a job is not asked for its health', () => {
  expect(mustFail('set-healthcheck', { ...at('migrate'), healthcheck: 'failing' })).toEqual([]);
  expect(mustFail('set-healthcheck', { ...at('app'), healthcheck: 'failing' })).toEqual([
    'media/app never becomes healthy',
  ]);
});

test('nothing is healthy that has no healthcheck', () => {
  expect(mustFail('set-healthcheck', { ...at('db'), healthcheck: 'none' })).toEqual([
    'media/migrate waits for media/db to be healthy, which has no healthcheck',
  ]);
});

describe('an image that is pulled at every start', () => {
  const always = step('edit-pull-policy', { ...at('app'), pull: 'always' });
  const push = step('publish-image', { version: 'v2' });
  const image = (world: World) => world.stacks.media?.containers.app?.image;

  it('is what the registry has, and without it what the machine has, if the start succeeds', () => {
    expect(image(led(push, step('restart', media)))).toBe('v1');
    expect(image(led(always, push, step('restart', media)))).toBe('v2');
    const without = led(always, push, step('stop-registry'), step('restart', media));
    expect(image(without)).toBe('v1');
    expect(doubtsAbout(without, 'media')).toEqual(['the image stable of media/app cannot be pulled']);
    expect(startMustFail(without, 'media')).toEqual([]);
  });
});

describe('a service whose network another shares', () => {
  it('is not taken out, and is renamed for both', () => {
    const choices = named('remove-service')
      .choices(led())
      .map(({ service }) => service);
    expect(choices).toContain('client');
    expect(choices).not.toContain('vpn');
    const renamed = led(step('rename-service', { ...at('vpn'), to: 'vpn2' })).declared.stacks.media;
    expect(renamed?.services.client?.settings).toBe('network_mode service:vpn2');
    expect(renamed?.services.client?.dependsOn).toEqual(['vpn2']);
  });
});

test('a volume stays where its stack goes', () => {
  const seen = expectedObservation(led(step('add-stack', { stack: 'extra' }), step('remove-stack', media)));
  expect(seen.leftovers).toEqual(['volume media_data']);
  expect(seen.volumes).toEqual({ media_data: 1 });
});

test('a service that its compose profile switches off has no container', () => {
  const off = led(step('switch-compose-profile', { ...media, profile: 'debug', state: 'off' }));
  expect(Object.keys(off.stacks.media?.containers ?? {})).not.toContain('shell');
});

test('which variable or port is not in force is one finding, which kind of line is another', () => {
  const shaped = (says: string) =>
    shape(`edit-variable claims success, but container media/${says}`, led(), {
      step: step('edit-variable'),
      role: 'rebuild',
    });
  const environment = shaped('app has environment LOG_LEVEL=info, not debug');
  expect(shaped('db has no environment ADDED=added')).toBe(environment);
  expect(shaped('app has label LOG_LEVEL=info, not debug')).not.toBe(environment);
  expect(shaped('app does not answer on port 18080')).toBe(shaped('db answers on port 99, which is not declared'));
});
