import { type Claim, type Host, Sick, Unable } from '../../../models/host.ts';
import type { Call } from './random-calls.ts';

/** Where a simulated and a real machine came apart: after which calls, and in what. */
export interface Difference {
  readonly after: readonly string[];
  /** Path in the observation, `claim` or `message`; then what the simulator shows, and what the machine shows. */
  readonly fields: readonly string[];
  readonly claims: readonly [Claim, Claim];
}

/** Makes the same calls on both and looks after each; null where they show the same all the way. */
export async function compare(simulator: Host, machine: Host, calls: readonly Call[]): Promise<Difference | null> {
  await Promise.all([simulator.reset(), machine.reset()]);
  const after: string[] = ['reset'];
  let claims: [Claim, Claim] = [none, none];
  let fields = await looks(simulator, machine);
  for (const call of calls) {
    if (fields.length > 0) break;
    const here = await tried(call, simulator);
    if (here === null) continue;
    claims = [here, await call.make(machine)];
    after.push(call.title);
    fields = await looks(simulator, machine);
    const [one, other] = claims;
    if (one.ok !== other.ok || one.status !== other.status) fields.push(`claim: ${one.status} / ${other.status}`);
    else if (!one.ok && cause(one) !== cause(other)) fields.push(`message: ${cause(one)} / ${cause(other)}`);
  }
  return fields.length === 0 ? null : { after, fields, claims };
}

const none: Claim = { ok: true, status: 0, message: '' };

/** The last line of a failure names its cause; ids never repeat. */
const cause = ({ message }: Claim): string =>
  (message.trim().split('\n').at(-1) ?? '').replace(/\b[0-9a-f]{12,}\b/g, 'ID');

/** A call that the simulator says makes no sense here is left out. */
async function tried(call: Call, simulator: Host): Promise<Claim | null> {
  try {
    return await call.make(simulator);
  } catch (error) {
    if (error instanceof Sick || error instanceof Unable) return null;
    throw error;
  }
}

async function looks(simulator: Host, machine: Host): Promise<string[]> {
  const rest = await machine.settle();
  const [one, other] = [await simulator.observe(), await machine.observe()];
  const fields = rest.rested ? [] : [`settle: not at rest, ${rest.waiting.join(', ')}`];
  differ('', one, other, fields);
  return fields;
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
