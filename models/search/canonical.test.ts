import fc from 'fast-check';
import { expect, test } from 'vitest';
import { homelab } from '../homelab.ts';
import type { Operation, Step } from '../operation.ts';
import { firstWorld } from '../transitions/first.ts';
import type { World } from '../world.ts';
import { canonical } from './canonical.ts';

const modules = import.meta.glob<{ default: Operation }>('../operations/**/*.ts', { eager: true });
const operations = new Map(
  Object.entries(modules)
    .map(([path, module]) => [path.replace(/^.*\/|\.ts$/g, ''), module.default] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1)),
);
const of = (name: string): Operation => operations.get(name) as Operation;

const yes = { ok: true, status: 0, message: '' };
const no = { ok: false, status: 1, message: 'no' };
const start = firstWorld(homelab);

const after = (world: World, { operation, args }: Step, claim = yes): World =>
  of(operation).expected(world, args, claim);
const led = (...steps: readonly (readonly [name: string, args: Step['args']])[]): World =>
  steps.reduce((world, [operation, args]) => after(world, { operation, args }), start);

/** Every step that is possible, in an order that depends on nothing but the steps. */
const enabled = (world: World): readonly Step[] =>
  [...operations].flatMap(([operation, { choices }]) => choices(world).map(args => ({ operation, args })));
const sorted = (steps: readonly Step[]): readonly string[] =>
  steps.map(({ operation, args }) => `${operation} ${JSON.stringify(Object.entries(args).sort())}`).sort();

const app = { stack: 'web', service: 'app' };
const say = (greeting: string) => ['change-environment', { ...app, greeting }] as const;

test('hello, goodbye, hello is the start to whoever cannot roll back, and no other', () => {
  const detour = led(say('goodbye'), say('hello'));
  expect(canonical(detour, 0)).toBe(canonical(start, 0));
  expect(canonical(detour, 1)).not.toBe(canonical(start, 1));
  expect(canonical(detour)).not.toBe(canonical(start));
  expect(canonical(led(say('goodbye')), 0)).not.toBe(canonical(start, 0));
});

test('what no rollback reaches any more is cut, and nothing else', () => {
  const tag = (tag: string) => ['change-image-tag', { ...app, tag }] as const;
  const [one, other] = [led(tag('v3'), say('goodbye'), tag('v2')), led(say('goodbye'), tag('v3'), tag('v2'))];
  expect(canonical(one, 1)).toBe(canonical(other, 1));
  // Two rollbacks come to where the detours differ.
  expect(canonical(one, 2)).not.toBe(canonical(other, 2));
});

test('a revision that says the same as another is another all the same where both are spoken of', () => {
  // The unit is loaded from the first one, and declared is its twin: only one of the two needs a start.
  const twin = led(say('goodbye'), say('hello'));
  const web = twin.stacks.web as NonNullable<World['stacks'][string]>;
  const stale = { ...twin, stacks: { ...twin.stacks, web: { ...web, loaded: { ...web.loaded, revision: 1 } } } };
  expect(canonical(stale, 0)).not.toBe(canonical(twin, 0));
});

test('the order of keys says nothing', () => {
  const { web, duo } = start.stacks as Record<'web' | 'duo', NonNullable<World['stacks'][string]>>;
  const reversed = (record: object): never => Object.fromEntries(Object.entries(record).reverse()) as never;
  const other = { ...start, stacks: { duo, web: reversed(web) }, registry: reversed(start.registry) };
  expect(canonical(other)).toBe(canonical(start));
});

test('what is left behind in either order is the same', () => {
  const drifts = enabled(start).filter(({ operation }) => quiet.includes(operation));
  const pair = fc.tuple(fc.constantFrom(...drifts), fc.constantFrom(...drifts));
  let same = 0;
  fc.assert(
    fc.property(pair, ([one, other]) => {
      const isFree = (first: Step, then: Step) => of(then.operation).allowed(after(start, first), then.args);
      fc.pre(!touchesAlike(one, other) && isFree(one, other) && isFree(other, one));
      same++;
      expect(canonical(after(after(start, one), other))).toBe(canonical(after(after(start, other), one)));
    }),
    { seed: 1, numRuns: 500 },
  );
  expect(same).toBeGreaterThan(150);
});

/** For every stack; or where the manager looks only once something else has made it look around. */
const isFar = ({ level, directory }: Step['args']): boolean =>
  level === 'type' || /\.control$|transient$/.test(`${directory}`);

/** What hands leave behind without anybody's reading anything anew. */
const quiet = [
  ...[
    'add-drop-in',
    'edit-unit',
    'link-unit-elsewhere',
    'replace-unit',
    'replace-wants-link',
    'shadow-unit',
    'add-foreign-container',
  ],
  ...['stop-container', 'remove-container', 'kill-conmon', 'rename-container', 'make-unhealthy', 'attach-to-network'],
  ...['remove-secret', 'spoil-secret'],
];

/** Whether two steps may well get in each other's way: they are about the same stack, secret, or all of the machine. */
const touchesAlike = ({ args }: Step, { args: others }: Step): boolean => {
  const whole = Object.keys(args).length === 0 || Object.keys(others).length === 0;
  return whole || args.stack === others.stack || isFar(args) || isFar(others);
};

/** Worlds that are equal but for what is left out, by two ways that come together. */
const twins = fc
  .noShrink(fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })))
  .map(draws => {
    const draw = () => draws.next().value as number;
    const from = <T>(all: readonly T[]): T => all[Math.floor(draw() * all.length)] as T;
    const names = [...operations.keys()];
    const some = (world: World): Step => {
      for (;;) {
        const operation = from(names);
        const choices = of(operation).choices(world);
        if (choices.length > 0) return { operation, args: from(choices) };
      }
    };
    const claim = () => (draw() < 0.8 ? yes : no);
    let world = start;
    for (let length = Math.floor(draw() * 5); length > 0; length--) world = after(world, some(world), claim());
    const [one, other] = [some(world), some(world)];
    const [claimOne, claimOther] = [claim(), claim()];
    const both = (first: Step, claim: typeof yes, then: Step, claimThen: typeof yes): World | null => {
      const between = after(world, first, claim);
      return of(then.operation).allowed(between, then.args) ? after(between, then, claimThen) : null;
    };
    return [both(one, claimOne, other, claimOther), both(other, claimOther, one, claimOne)] as const;
  });

test('equal worlds can do the same, and are equal after it', () => {
  let compared = 0;
  fc.assert(
    fc.property(twins, fc.integer({ min: 0, max: 4 }), ([one, other], rollbacks) => {
      if (one === null || other === null || rollbacks === 0 || JSON.stringify(one) === JSON.stringify(other)) return;
      if (canonical(one, rollbacks) !== canonical(other, rollbacks)) return;
      compared++;
      expect(sorted(enabled(one))).toEqual(sorted(enabled(other)));
      const steps = enabled(one);
      for (const step of steps.filter((_, index) => (index + compared) % 9 === 0)) {
        const { mayFail, mustFail } = of(step.operation);
        const reasons = (world: World) => [mayFail, mustFail].map(ask => (ask?.(world, step.args) ?? []).length > 0);
        expect(reasons(one), JSON.stringify(step)).toEqual(reasons(other));
        for (const claim of [yes, no]) {
          const left = rollbacks - 1;
          expect(canonical(after(one, step, claim), left), JSON.stringify(step)).toBe(
            canonical(after(other, step, claim), left),
          );
        }
      }
    }),
    { seed: 1, numRuns: 1_000 },
  );
  expect(compared).toBeGreaterThan(5);
});
