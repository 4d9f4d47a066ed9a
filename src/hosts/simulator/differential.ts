import { type Claim, type Host, Sick, Unable } from '../../../models/host.ts';
import { eachWithout, type Observation, withoutEffect } from '../../../models/observation.ts';
import { shapeOfReason } from '../../../models/search/signature.ts';
import type { Call } from './random-calls.ts';

/** The first step after which a simulated and a real machine differ: the calls before it, and the fields. */
export interface FirstDifference {
  readonly after: readonly string[];
  /** The path in the observation, or `claim` or `message`; then what the simulator shows, and what the machine shows. */
  readonly fields: readonly string[];
  readonly claims: readonly [Claim, Claim];
}

/** For each kind of step: how many were done on both machines, and after how many of them the two differed. */
export type Tally = Map<string, { steps: number; apart: number }>;

/**
 * Makes the same calls on both machines and looks after each. Returns null if both show the same after every call, or up to the
 * first call that needs a lever which the real machine lacks.
 */
export async function compare(
  simulator: Host,
  machine: Host,
  calls: Iterable<Call>,
  tally: Tally = new Map(),
): Promise<FirstDifference | null> {
  await Promise.all([simulator.reset(), machine.reset()]);
  const after: string[] = ['reset'];
  const probed = new Set<string>();
  let claims: [Claim, Claim] = [none, none];
  let fields = await looks(simulator, machine, probed);
  for (const call of calls) {
    if (fields.length > 0) break;
    const here = await tried(call, simulator);
    if (here === null) continue;
    const there = await onMachine(call, machine);
    if (there === null) break;
    claims = [here, there];
    after.push(call.title);
    fields = await looks(simulator, machine, probed);
    const [one, other] = claims;
    if (one.ok !== other.ok || one.status !== other.status) fields.push(`claim: ${one.status} / ${other.status}`);
    else if (!one.ok && cause(one) !== cause(other)) fields.push(`message: ${cause(one)} / ${cause(other)}`);
    else if (reason(one) !== reason(other)) fields.push(`cause: ${reason(one)} / ${reason(other)}`);
    counted(tally, call.kind, fields.length > 0);
  }
  return fields.length === 0 ? null : { after, fields, claims };
}

function counted(tally: Tally, kind: string, isApart: boolean): void {
  const { steps, apart } = tally.get(kind) ?? { steps: 0, apart: 0 };
  tally.set(kind, { steps: steps + 1, apart: apart + Number(isApart) });
}

/** Adds the counts of one tally to another. */
export function tallied(all: Tally, more: Tally): void {
  for (const [kind, { steps, apart }] of more) {
    const before = all.get(kind) ?? nil;
    all.set(kind, { steps: before.steps + steps, apart: before.apart + apart });
  }
}

/** The tally as a table, one line for each kind: the share of its steps after which both showed the same. */
export function tableOf(tally: Tally): string {
  const rows = [...tally].sort(([one], [other]) => (one < other ? -1 : 1));
  const sum = rows.reduce((all, [, { steps, apart }]) => ({ steps: all.steps + steps, apart: all.apart + apart }), nil);
  const width = Math.max(...rows.map(([kind]) => kind.length), 5);
  return [...rows, ['total', sum] as const]
    .map(([kind, { steps, apart }]) => {
      const share = ((100 * (steps - apart)) / Math.max(steps, 1)).toFixed(1);
      return `${kind.padEnd(width)}  ${String(steps - apart).padStart(5)} of ${String(steps).padStart(5)}  ${share.padStart(5)} %`;
    })
    .join('\n');
}

const nil = { steps: 0, apart: 0 };

/** Null if this machine lacks the lever: then the comparison ends. */
async function onMachine(call: Call, machine: Host): Promise<Claim | null> {
  try {
    return await call.make(machine);
  } catch (error) {
    if (error instanceof Unable) return null;
    throw error;
  }
}

const none: Claim = { ok: true, status: 0, message: '' };

/**
 * The cause is in the last line of a failure's message. Ids, hashes and line numbers of scripts are left out: they differ each
 * time.
 */
const cause = ({ message }: Claim): string =>
  (message.trim().split('\n').at(-1) ?? '')
    .replace(/\/nix\/store\/\S+/g, 'STORE')
    .replace(/\b[0-9a-f]{12,}\b/g, 'ID')
    .replace(/ line \d+:/, '');

/** Which unit failed first, and what it said, in the form that a signature has. */
const reason = ({ cause }: Claim): string =>
  cause === undefined ? 'none' : shapeOfReason(`${cause.unit}: ${cause.says}`);

/** Leaves out a call that is impossible in the simulator's present state. */
async function tried(call: Call, simulator: Host): Promise<Claim | null> {
  try {
    return await call.make(simulator);
  } catch (error) {
    if (error instanceof Sick || error instanceof Unable) return null;
    throw error;
  }
}

/**
 * What the simulator shows too. It does not number whole texts (each definition has one text there), and it shows of what is around
 * the stacks only what the model knows. What a container shows only while it runs counts only then, as everywhere.
 */
const simulated = ({ around: _, ...seen }: Observation): unknown => ({
  ...seen,
  units: eachWithout(seen.units, ['text']),
  containers: eachWithout(withoutEffect(seen.containers), ['variables']),
});

/**
 * Looks at both machines. A container whose process is gone becomes unhealthy at its next probe. The clock decides when that
 * is, so from then on its health is not compared.
 */
async function looks(simulator: Host, machine: Host, probed: Set<string>): Promise<string[]> {
  const rest = await machine.settle();
  const one = await simulator.observe();
  const other = await machine.observe();
  const fields = rest.rested ? [] : [`settle: not at rest, ${rest.waiting.join(', ')}`];
  for (const [name, { state }] of Object.entries(other.containers)) if (state === 'dead') probed.add(name);
  differ('', simulated(one), simulated(other), fields);
  return fields.filter(field => ![...probed].some(name => field.startsWith(`.containers.${name}.health:`)));
}

/** Every path at which two values differ. */
function differ(path: string, one: unknown, other: unknown, into: string[]): void {
  if (JSON.stringify(one) === JSON.stringify(other)) return;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    into.push(`${path}: ${JSON.stringify(one)} / ${JSON.stringify(other)}`);
    return;
  }
  const before = into.length;
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    differ(`${path}.${key}`, one[key as keyof typeof one], other[key as keyof typeof other], into);
  }
  if (into.length === before) into.push(`${path}: the same in another order`);
}
