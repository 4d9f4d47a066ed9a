import { expectedObservation } from '../models/expected-observation.ts';
import type { Claim, Levers } from '../models/host.ts';
import type { Args, Operation, Step, StepRecord } from '../models/operation.ts';
import { type Need, needOf } from '../models/role.ts';
import { firstWorld } from '../models/transitions/first.ts';
import type { ModelConfig, World } from '../models/world.ts';
import type { Catalog } from './catalog.ts';
import { Problem } from './problem.ts';

const yes: Claim = { ok: true, status: 0, message: '' };
const no: Claim = { ok: false, status: 1, message: 'no' };

/** Steps of the walk through the model on which operations are tried: it comes by most of what there is. */
const walkLength = 40;

/**
 * Tries what somebody has added, in the model only, as the tests of this project try what comes with it.
 * @throws Problem that names the file, for what is not as docs/models.md says.
 */
export async function mustKeepContract(catalog: Catalog, setup: ModelConfig): Promise<void> {
  for (const [key, file] of catalog.own ?? []) {
    const [kind, ...rest] = key.split('/');
    const name = rest.join('/');
    if (kind === 'operations') await tryOperation(catalog, setup, name, file);
    else if (kind === 'invariants') tryInvariant(catalog, setup, name, file);
    else tryScenario(catalog, setup, name, file);
  }
}

class Breach {
  private readonly file: string;
  constructor(file: string) {
    this.file = file;
  }

  /** Hands back what somebody's function answers. @throws Problem where it throws. */
  ask<T>(what: string, answer: () => T): T {
    try {
      return answer();
    } catch (error) {
      throw this.problem(`${what} to answer`, `that it throws: ${(error as Error)?.message ?? error}`);
    }
  }

  must(holds: boolean, expected: string, found: string): void {
    if (!holds) throw this.problem(expected, found);
  }

  problem(expected: string, found: string): Problem {
    return new Problem({ expected, found, where: this.file, next: 'docs/models.md says what each part is for.' });
  }
}

async function tryOperation(catalog: Catalog, setup: ModelConfig, name: string, file: string): Promise<void> {
  const operation = catalog.operations.get(name) as Operation;
  const breach = new Breach(file);
  const pulled = new Set<Need>();
  const worlds = walked(catalog, setup);
  let isPossible = false;
  for (const world of worlds) {
    const choices = breach.ask('choices(world)', () => operation.choices(world));
    breach.must(Array.isArray(choices), 'choices(world) to be a list', shown(choices));
    for (const args of choices) {
      isPossible = true;
      tryArguments(operation, world, args, breach);
      for (const need of await pulledBy(operation, world, args, breach)) pulled.add(need);
    }
  }
  breach.must(isPossible, 'choices(world) to offer something in some world', `nothing in ${worlds.length} of them`);
  const unsaid = [...pulled].find(need => !operation.needs.includes(need));
  breach.must(unsaid === undefined, 'needs to name every lever that apply pulls', `that it pulls ${unsaid}`);
  const unused = operation.needs.find(need => !pulled.has(need));
  breach.must(unused === undefined, 'apply to pull every lever that needs names', `that it never pulls ${unused}`);
}

function tryArguments(operation: Operation, world: World, args: Args, breach: Breach): void {
  const isPlain = typeof args === 'object' && args !== null && Object.getPrototypeOf(args) === Object.prototype;
  breach.must(isPlain && same(JSON.parse(JSON.stringify(args)), args), 'choices to be plain objects', shown(args));
  const words = breach.ask('describe(args)', () => operation.describe(args));
  const isSentence = typeof words === 'string' && /[^\s.]$/.test(words);
  breach.must(isSentence, 'describe(args) to be a sentence without a full stop', shown(words));
  const isAllowed = breach.ask('allowed(world, args)', () => operation.allowed(world, args));
  breach.must(isAllowed === true, `allowed(world, args) to be true of each choice, ${shown(args)}`, shown(isAllowed));
  for (const part of ['mayFail', 'mustFail'] as const) {
    const reasons = breach.ask(`${part}(world, args)`, () => operation[part]?.(world, args) ?? []);
    const areWords = Array.isArray(reasons) && reasons.every(each => typeof each === 'string' && each !== '');
    breach.must(areWords, `${part}(world, args) to be a list of sentences`, shown(reasons));
  }
  const before = JSON.stringify(world);
  for (const claim of [yes, no]) {
    const after = breach.ask('expected(world, args, claim)', () => operation.expected(world, args, claim));
    breach.must(
      JSON.stringify(world) === before,
      'expected to make a new world',
      'that it changes the one it is given',
    );
    const isWorld = typeof after === 'object' && after !== null && same(Object.keys(after), Object.keys(world));
    breach.must(isWorld, 'expected(world, args, claim) to be a world', shown(after).slice(0, 200));
    breach.ask('what expected makes', () => expectedObservation(after));
  }
}

/** Milliseconds that levers are waited for which answer at once. */
const patience = 10_000;

/** The levers that an operation pulls on a machine on which all of them succeed. */
async function pulledBy(operation: Operation, world: World, args: Args, breach: Breach): Promise<ReadonlySet<Need>> {
  const pulled = new Set<Need>();
  const host = Object.fromEntries(
    Object.entries(needOf).map(([lever, need]) => [
      lever,
      async (...given: unknown[]) => {
        pulled.add((need as (...all: unknown[]) => Need)(...given));
        return lever === 'autoUpdate' ? { ...yes, updates: [] } : yes;
      },
    ]),
  ) as unknown as Levers;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>(resolve => {
    timer = setTimeout(() => resolve('late'), patience);
  });
  try {
    const claim = await Promise.race([operation.apply(host, args, world), late]);
    breach.must(
      claim !== 'late',
      'apply to end once its levers have answered',
      `that it has not after ${patience / 1000} s`,
    );
    const isClaim = typeof claim === 'object' && typeof claim?.ok === 'boolean' && typeof claim.message === 'string';
    breach.must(isClaim, 'apply to hand back what a lever said: ok, status and message', shown(claim));
    return pulled;
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw breach.problem('apply to pull levers', `that it throws: ${(error as Error)?.message ?? error}`);
  } finally {
    clearTimeout(timer);
  }
}

/** Worlds that a walk comes by, decided by numbers alone. */
function walked({ operations, own }: Catalog, setup: ModelConfig): readonly World[] {
  const known = [...operations].filter(([name]) => own?.has(`operations/${name}`) !== true);
  const worlds = [firstWorld(setup)];
  for (let at = 1; at < walkLength; at++) {
    const world = worlds.at(-1) as World;
    const all = known.flatMap(([, each]) => each.choices(world).map(args => ({ each, args })));
    const chosen = all[(at * 7919) % all.length];
    if (chosen === undefined) break;
    worlds.push(chosen.each.expected(world, chosen.args, at % 5 === 0 ? no : yes));
  }
  return worlds;
}

function tryInvariant(catalog: Catalog, setup: ModelConfig, name: string, file: string): void {
  const invariant = catalog.invariants.get(name);
  const breach = new Breach(file);
  if (invariant === undefined) throw new Error(`no promise ${name}`);
  const { promise, example } = invariant;
  breach.must(
    /^\p{Lu}.*\.$/su.test(promise),
    'promise to be a sentence: a capital first, a full stop last',
    shown(promise),
  );
  const first = firstWorld(setup);
  const asked = (what: string, of: () => readonly string[]): readonly string[] => {
    const details = breach.ask(what, of);
    const areWords = Array.isArray(details) && details.every(each => typeof each === 'string' && each !== '');
    breach.must(areWords, `${what} to be a list of sentences`, shown(details));
    return details;
  };
  const holds = (details: readonly string[], when: string): void =>
    breach.must(details.length === 0, `the promise to hold ${when}`, `"${details[0]}"`);
  holds(
    asked('broken(seen, world, [])', () => invariant.broken(expectedObservation(first), first, [])),
    'on a fresh machine that does not lie',
  );
  for (const [operation, { choices }] of catalog.operations) {
    for (const args of choices(first)) {
      const history = historyOf(catalog, setup, [{ operation, args }], undefined, breach);
      const world = history.at(-1)?.after ?? first;
      const when = `after ${operation} on a machine that does not lie`;
      holds(
        asked('broken(seen, world, history)', () => invariant.broken(expectedObservation(world), world, history)),
        when,
      );
    }
  }
  const on = example.setup ?? setup;
  const history = historyOf(catalog, on, example.after, example.claim, breach);
  const world = history.at(-1)?.after ?? firstWorld(on);
  const lie = breach.ask('example.lie(faultless, world)', () => example.lie(expectedObservation(world), world));
  const broken = asked('broken of the example', () => invariant.broken(lie, world, history));
  breach.must(broken.length > 0, 'the example to break the promise, to prove that it can fail', 'that it holds');
}

/** The history of steps, in the model only. */
function historyOf(
  { operations }: Catalog,
  setup: ModelConfig,
  steps: readonly Step[],
  claim: Partial<Claim> | undefined,
  breach: Breach,
): readonly StepRecord[] {
  let world = firstWorld(setup);
  return steps.map((step, index) => {
    const operation = operations.get(step.operation);
    if (operation === undefined) throw breach.problem('example.after to name operations', shown(step.operation));
    const { kind, role } = operation;
    const isAllowed = breach.ask(`allowed of ${step.operation}`, () => operation.allowed(world, step.args));
    breach.must(isAllowed, 'the steps of example.after to be possible', `step ${index + 1}, ${step.operation}`);
    const mustFail = operation.mustFail?.(world, step.args) ?? [];
    const honest = mustFail.length === 0 ? yes : { ok: false, status: 1, message: mustFail.join(', ') };
    const said = { ...honest, ...(index === steps.length - 1 && claim) };
    const mayFail = [...mustFail, ...(operation.mayFail?.(world, step.args) ?? [])];
    const before = world;
    world = operation.expected(before, step.args, said);
    return {
      step,
      kind,
      role,
      claim: said,
      mayFail,
      mustFail,
      before,
      after: world,
      seenBefore: expectedObservation(before),
    };
  });
}

function tryScenario({ scenarios, operations }: Catalog, setup: ModelConfig, name: string, file: string): void {
  const breach = new Breach(file);
  const cases = breach.ask('cases(setup)', () => scenarios.get(name)?.cases(setup));
  const isMap = typeof cases === 'object' && cases !== null && !Array.isArray(cases);
  breach.must(
    isMap && Object.keys(cases).length > 0,
    'cases(setup) to be lists of steps by the names of the cases',
    shown(cases),
  );
  for (const [title, steps] of Object.entries(cases ?? {})) {
    breach.must(Array.isArray(steps), `the case "${title}" to be a list of steps`, shown(steps));
    for (const one of steps) {
      const isKnown = typeof one === 'object' && one !== null && operations.has(one.operation);
      breach.must(isKnown, `the case "${title}" to name operations`, shown((one as Step | null)?.operation));
    }
  }
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

function shown(value: unknown): string {
  const text = typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? String(value));
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
