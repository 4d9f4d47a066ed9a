import { expect, test } from 'vitest';
import { beyondLimitsOf, withinLimits } from '../../../models/limits.ts';
import { firstWorld } from '../../../models/transitions/first.ts';
import { loadCatalog } from '../../catalog.ts';
import { targetOf } from '../../cli/options.ts';
import { modelConfigOf } from '../../profiles/setup.ts';
import type { OwnHostFacts } from './facts.ts';
import { limitsOf } from './limits.ts';
import type { OwnHost } from './own-host.ts';

const { operations } = await loadCatalog();
const facts = { inSession: false, isNixos: false, othersUpdated: [] };
const host = (more: Partial<OwnHost> = {}): OwnHost =>
  ({
    operator: 'me',
    transport: { kind: 'ssh', destination: 'me@there', options: [] },
    root: 'sudo',
    owner: '~/.config/systemd/user',
    commands: { rebuild: { run: 'switch', as: 'operator' } },
    operations: { only: null, allow: [], refuse: [] },
    probe: { image: 'localhost:5000/probe' },
    ...more,
  }) as OwnHost;

const leftOut = (more: Partial<OwnHost> = {}, seen: Partial<OwnHostFacts> = {}) =>
  withinLimits(operations, limitsOf(host(more), { ...facts, ...seen })).leftOut;

test('what concerns the whole machine is left out until it is allowed by name', () => {
  const whole = [
    'reboot',
    'stop-manager',
    'linger-off',
    'terminate-user',
    'fill-store',
    'etc-read-only',
    'elapse-timers',
  ];
  for (const name of whole) expect(leftOut().get(name), name).toMatch(/^it concerns the whole machine/);
  const allowed = leftOut({ operations: { only: null, allow: whole, refuse: [] } });
  for (const name of whole) expect(allowed.get(name), name).toBeUndefined();
  for (const name of ['rebuild', 'restart', 'edit-unit', 'start-manager', 'linger-on'])
    expect(leftOut().get(name), name).toBeUndefined();
});

test('what needs root, a command, or a place in the registry is left out without it', () => {
  expect(leftOut({ root: 'none' }).get('start-manager')).toMatch(/^it needs root/);
  expect(leftOut({ root: 'none' }).get('rebuild')).toBeUndefined();
  expect(leftOut({ root: 'none', commands: 'profile' }).get('rebuild')).toMatch(/^it needs root/);
  expect(leftOut({ root: 'none', owner: '/etc/systemd/user' }).get('edit-unit')).toMatch(/^it needs root/);
  expect(leftOut().get('rollback')).toBe('it needs commands.rollback');
  expect(leftOut().get('delete-tag')).toMatch(/^it needs probe.tags/);
  expect(leftOut().get('stop-registry')).toMatch(/^it needs probe.unit/);
});

test('the computer that stackfuzz itself runs on is not booted, whatever is allowed', () => {
  const allow = { only: null, allow: ['reboot'], refuse: [] };
  expect(leftOut({ operations: allow }).get('reboot')).toBeUndefined();
  expect(leftOut({ operations: allow, transport: { kind: 'local' } }).get('reboot')).toMatch(
    /stackfuzz itself runs on/,
  );
});

test('a session of the operator’s, and containers of others that ask for updates, are no place for some', () => {
  const allow = { only: null, allow: ['stop-manager'], refuse: [] };
  expect(leftOut({ operations: allow }).get('stop-manager')).toBeUndefined();
  expect(leftOut({ operations: allow }, { inSession: true }).get('stop-manager')).toMatch(/not logged in/);
  expect(leftOut({}, { othersUpdated: ['jellyfin'] }).get('auto-update')).toMatch(/^it would update jellyfin too/);
});

test('the hosts file may name what is left, and what is not done', () => {
  const only = withinLimits(
    operations,
    limitsOf(host({ operations: { only: ['rebuild'], allow: [], refuse: [] } }), facts),
  );
  expect([...only.operations.keys()]).toEqual(['rebuild']);
  expect(leftOut({ operations: { only: null, allow: [], refuse: ['mask'] } }).get('mask')).toBe(
    'operations.refuse names it',
  );
});

test('arguments that reach further are neither offered nor allowed', () => {
  const limits = limitsOf(host({ root: 'none' }), facts);
  const shadow = withinLimits(operations, limits).operations.get('shadow-unit');
  const world = firstWorld(modelConfigOf(targetOf()));
  const directories = shadow?.choices(world).map(({ directory }) => String(directory)) ?? [];
  expect(directories).toContain('%t/systemd/user');
  expect(directories.filter(directory => directory.startsWith('/'))).toEqual([]);
  const steps = [{ operation: 'shadow-unit', args: { stack: 'web', directory: '/etc/systemd/user' } }];
  expect(shadow?.allowed(world, steps[0]?.args ?? {})).toBe(false);
  expect(beyondLimitsOf(limits, operations, steps)).toMatch(/^shadow-unit would reach beyond what may be touched/);
  expect(beyondLimitsOf(limits, operations, [{ operation: 'reboot', args: {} }])).toMatch(/^reboot is left out/);
  const everywhere = { operation: 'add-drop-in', args: { stack: 'web', directory: '%t/systemd/user', level: 'type' } };
  expect(beyondLimitsOf(limitsOf(host(), facts), operations, [everywhere])).toMatch(/reach beyond/);
});

test('a registry that stackfuzz brings is nobody else’s: it may be stopped, where there is root', () => {
  const theirs = { image: 'localhost:5000/probe', unit: 'docker-registry.service' };
  expect(leftOut({ probe: theirs }).get('stop-registry')).toMatch(/^it concerns the whole machine/);
  const brought = {
    image: 'localhost:5055/probe',
    serve: true,
    unit: 'stackfuzz-registry.service',
    tags: '~/tags',
  } as const;
  for (const name of ['stop-registry', 'delete-tag'])
    expect(leftOut({ probe: brought }).get(name), name).toBeUndefined();
  expect(leftOut({ root: 'none', probe: brought }).get('stop-registry')).toMatch(/^it needs root/);
});
