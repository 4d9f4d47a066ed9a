import { bothLimits, firstBeyond, limitsOfProfile, type MachineLimits, reasonFor } from '../../../../models/limits.ts';
import { underCurrentNames } from '../../../../models/operation.ts';
import type { Scenario } from '../../../../models/scenario.ts';
import type { Catalog } from '../../../catalog.ts';
import type { OwnHostFacts } from '../../../hosts/own/facts.ts';
import { limitsOf } from '../../../hosts/own/limits.ts';
import type { OwnHost } from '../../../hosts/own/own-host.ts';
import { Problem } from '../../../problem.ts';
import { modelConfigOf } from '../../../profiles/setup.ts';
import { limitsFor } from '../../limits.ts';
import { triedCatalog } from '../../models.ts';
import { type SharedOptions, type Target, targetFor } from '../../options.ts';
import { chosen, mustKnow } from '../scenario/cases.ts';

/** A scenario of which a host cannot or must not do every case. */
export interface ScenarioLimits {
  readonly scenario: string;
  readonly cases: number;
  /** How many of the cases are left out. */
  readonly leftOut: number;
  /** Why: each reason once, behind the operations that are left out for it. */
  readonly reasons: readonly string[];
  /** What to add to the host's entry in the hosts file, with the number of cases that can be done then; the least first. */
  readonly ways: readonly { readonly write: string; readonly cases: number }[];
}

/**
 * Asks a host, without changing it, what of these scenarios can be done there.
 * @returns the scenarios that cannot be done wholly
 * @throws Problem where the host must not be changed, or is none
 * @throws Unreachable where it does not answer
 */
export async function limitedOn(given: SharedOptions, names: readonly string[]): Promise<readonly ScenarioLimits[]> {
  const target = targetFor(given);
  const setup = modelConfigOf(target);
  const catalog = await triedCatalog(undefined, setup);
  const wanted = chosen(catalog.scenarios, names);
  for (const one of wanted) mustKnow(catalog.operations, one, setup);
  const limits = await limitsOn(target, catalog.operations);
  return wanted.flatMap(([name, { cases }]) =>
    limitedBy(limits, catalog.operations, name, Object.values(cases(setup))),
  );
}

/** The scenario with these cases, if some of them are left out. */
export function limitedBy(
  limits: HostLimits,
  operations: Catalog['operations'],
  scenario: string,
  cases: readonly (readonly CaseStep[])[],
): readonly ScenarioLimits[] {
  const out = cases.map(steps => leftOutBy(limits.now, operations, steps)).filter(reason => reason !== null);
  if (out.length === 0) return [];
  const ways = waysOf(limits, operations, cases, out.length);
  const by = new Map<string, Set<string>>();
  for (const { operation, reason } of out) by.set(reason, (by.get(reason) ?? new Set()).add(operation));
  const reasons = [...by].map(([reason, names]) => `${[...names].join(', ')}: ${reason}`);
  return [{ scenario, cases: cases.length, leftOut: out.length, reasons, ways }];
}

/** Why a case is left out; null where it is not. */
const leftOutBy = (
  limits: MachineLimits | undefined,
  operations: Catalog['operations'],
  steps: readonly CaseStep[],
): ReturnType<typeof firstBeyond> => (limits === undefined ? null : firstBeyond(limits, operations, steps));

type CaseStep = ReturnType<Scenario['cases']>[string][number];

/** What a machine cannot and must not do, now and with another entry in the hosts file. */
export interface HostLimits {
  readonly now: MachineLimits | undefined;
  /** What they would be with another entry in the hosts file; absent on machines that are thrown away. */
  readonly changed?: (
    change: (host: OwnHost, facts: OwnHostFacts) => readonly [OwnHost, OwnHostFacts],
  ) => MachineLimits;
  readonly host?: OwnHost;
}

async function limitsOn(target: Target, operations: Catalog['operations']): Promise<HostLimits> {
  const host = target.own;
  if (host === undefined) return { now: await limitsFor(target, operations) };
  const { mustFit, mustNameOperations } = await import('../../own.ts');
  mustNameOperations(host, [...operations.keys()]);
  const { facts } = await mustFit(target);
  const { lacks } = modelConfigOf(target);
  const by = (one: OwnHost, seen: OwnHostFacts): MachineLimits =>
    lacks === undefined ? limitsOf(one, seen) : bothLimits(limitsOfProfile(lacks), limitsOf(one, seen));
  return { host, now: by(host, facts), changed: change => by(...change(host, facts)) };
}

/** Which additions to the hosts file make more of the cases possible. */
function waysOf(
  { host, now, changed }: HostLimits,
  operations: Catalog['operations'],
  cases: readonly (readonly CaseStep[])[],
  leftOut: number,
): ScenarioLimits['ways'] {
  if (host === undefined || changed === undefined || now === undefined) return [];
  const named = [...new Set(cases.flatMap(steps => underCurrentNames(operations, steps)).map(each => each.operation))];
  const allowing = (one: OwnHost): OwnHost => ({
    ...one,
    operations: { ...one.operations, allow: [...new Set([...one.operations.allow, ...named])] },
  });
  const asRoot = (one: OwnHost): OwnHost => ({ ...one, root: 'ssh-root' });
  const outside = (seen: OwnHostFacts): OwnHostFacts => ({ ...seen, inSession: false });
  const isRefused = (name: string, limits: MachineLimits): boolean => {
    const operation = operations.get(name);
    return operation !== undefined && reasonFor(name, operation, limits) !== null;
  };
  const possible = (limits: MachineLimits): readonly (readonly CaseStep[])[] =>
    cases.filter(steps => leftOutBy(limits, operations, steps) === null);
  /** Of the operations in the cases that a way makes possible, those that would be refused without it. */
  const allow = (without: MachineLimits, limits: MachineLimits): string => {
    const needed = possible(limits).flatMap(steps => underCurrentNames(operations, steps));
    const these = named.filter(name => needed.some(each => each.operation === name) && isRefused(name, without));
    return `operations: { allow: [${[...host.operations.allow, ...these].join(', ')}] }`;
  };
  const [allowed, rooted, both] = [
    changed((one, seen) => [allowing(one), seen]),
    changed((one, seen) => [asRoot(one), outside(seen)]),
    changed((one, seen) => [allowing(asRoot(one)), outside(seen)]),
  ];
  const done = (limits: MachineLimits): number => possible(limits).length;
  const all = [
    { write: allow(now, allowed), cases: done(allowed) },
    ...(host.transport.kind === 'local' || host.root === 'ssh-root'
      ? []
      : [
          { write: 'root: ssh-root', cases: done(rooted) },
          { write: `root: ssh-root  and  ${allow(rooted, both)}`, cases: done(both) },
        ]),
  ];
  // One that is longer must also be better.
  return all.filter(
    ({ cases: more }, at) => more > cases.length - leftOut && all.slice(0, at).every(each => each.cases < more),
  );
}

/** The same in a sentence or two. */
export function limitedWords({ scenario, cases, leftOut, reasons }: ScenarioLimits): string {
  const all = cases === 1 ? 'its one case is left out' : `all of its ${cases} cases are left out`;
  const some = `${leftOut} of its ${cases} cases are left out`;
  return `${scenario}, ${leftOut === cases ? all : some} (${reasons.join('; ')})`;
}

/** What to type where nothing of a scenario can be done. */
const waysWords = ({ cases, ways }: ScenarioLimits): string =>
  ways.map(({ write, cases: done }) => `Write  ${write}  there, and ${done} of ${cases} can be done.`).join(' Or: ');

/** Refuses a rollout in which nothing of a scenario can be done on a host, and nobody said so on purpose. @throws Problem */
export function mustBeDoable(host: string, where: string, limited: readonly ScenarioLimits[]): void {
  const none = limited.filter(({ cases, leftOut }) => leftOut === cases);
  if (none.length === 0) return;
  const names = none.map(({ scenario }) => scenario).join(', ');
  throw new Problem({
    expected: `that something of every scenario can be done on ${host}`,
    found: none.map(limitedWords).join('; '),
    where,
    next: [
      ...none.map(waysWords).filter(words => words !== ''),
      `To do without on purpose, which the record says: --leave-out ${none.map(({ scenario }) => scenario).join(',')}, or for this host alone  rollout: { leaveOut: [${names}] }  in the hosts file (docs/rollout.md).`,
    ].join('\n  '),
  });
}
