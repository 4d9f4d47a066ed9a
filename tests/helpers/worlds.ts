import { homelab } from '../../models/homelab.ts';
import type { Claim } from '../../models/host.ts';
import type { Operation } from '../../models/operation.ts';
import { firstWorld } from '../../models/transitions/first.ts';
import type { World } from '../../models/world.ts';

const yes: Claim = { ok: true, status: 0, message: '' };
const no: Claim = { ok: false, status: 1, message: '' };

/**
 * A fresh world, what each operation makes of it, and the worlds of a random walk of so many steps: in one of them every
 * operation is possible.
 */
export function variousWorlds(operations: Iterable<Operation>, steps: number): readonly World[] {
  const known = [...operations];
  const fresh = firstWorld({ ...homelab, traits: { ...homelab.traits, hasUpdateUnit: true } });
  const all: World[] = [fresh];
  for (const one of known) for (const args of one.choices(fresh)) all.push(one.expected(fresh, args, yes));
  for (let step = 1, world = fresh; step < steps; step++) {
    const choices = known.flatMap(one => one.choices(world).map(args => ({ one, args })));
    const drawn = choices[(step * 7919) % choices.length];
    if (drawn === undefined) throw new Error('nothing is possible any more');
    const isPossible = (drawn.one.mustFail?.(world, drawn.args) ?? []).length === 0;
    world = drawn.one.expected(world, drawn.args, isPossible ? yes : no);
    all.push(world);
  }
  return all;
}
