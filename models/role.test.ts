import { describe, expect, it, test } from 'vitest';
import { variousWorlds } from '../tests/helpers/worlds.ts';
import { homelab } from './homelab.ts';
import type { Levers } from './host.ts';
import type { Operation } from './operation.ts';
import { ownHomelab } from './own-homelab.ts';
import { isRebuild, type Need, needOf, type Role } from './role.ts';
import { firstWorld } from './transitions/first.ts';
import { withStack } from './transitions/systemd.ts';

const modules = import.meta.glob<{ default: Operation }>('./operations/**/*.ts', { eager: true });
const operations = new Map(
  Object.entries(modules).map(([path, module]) => [path.replace(/^.*\/|\.ts$/g, ''), module.default]),
);

const yes = { ok: true, status: 0, message: '' };

/** A host that does nothing, and notes what it is asked to do. */
function recording(pulled: Set<Need>): Levers {
  const levers = Object.entries(needOf).map(([lever, need]) => [
    lever,
    async (...args: never[]) => {
      pulled.add((need as (...args: never[]) => Need)(...args));
      return yes;
    },
  ]);
  return Object.fromEntries(levers) as Levers;
}

const own = firstWorld(ownHomelab);
/** One of an operator's own stacks, and the same when it has no containers left. */
const quadlets = firstWorld({ ...homelab, traits: { ...homelab.traits, ownUnits: true, quadlets: true } });
const worlds = [...variousWorlds(operations.values(), 100), own, withStack(own, 'media', { containers: {} }), quadlets];

/** What an operation must be there for that pulls a lever in this mode. */
const mustBe: readonly (readonly [need: RegExp, role: Role])[] = [
  [/^rebuild\b/, 'rebuild'],
  [/^rollback$/, 'rollback'],
  [/^autoUpdate (?!dry-run)/, 'update'],
  [/^autoUpdate dry-run$/, 'update-check'],
  [/^systemctl (?:try-re|re)?start$|^manager start$/, 'start'],
  [/^(?:systemctl|manager) stop$/, 'stop'],
  [/^place\b/, 'drift'],
];

describe.each([...operations])('operation %s', (_name, { apply, choices, needs, role }) => {
  it('pulls the levers that it says it needs, and no others, and has the role that goes with them', async () => {
    const pulled = new Set<Need>();
    for (const world of worlds) {
      for (const args of choices(world)) await apply(recording(pulled), args, world);
    }
    expect([...pulled].sort()).toEqual([...needs].sort());
    const demanded = mustBe.filter(([need]) => [...pulled].some(each => need.test(each))).map(([, role]) => role);
    expect(demanded.length === 0 || demanded.includes(role)).toBe(true);
  });
});

test('every role that a promise asks for is some operation’s', () => {
  const roles = new Set([...operations.values()].map(({ role }) => role));
  for (const [, role] of mustBe) expect(roles).toContain(role);
});

test('a rollback makes a declaration true as a rebuild does, an update does not', () => {
  expect([isRebuild('rebuild'), isRebuild('rollback'), isRebuild('update')]).toEqual([true, true, false]);
});
