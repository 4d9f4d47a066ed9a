import type { Declaration } from '../../../../models/machine/declaration.ts';
import type { Said, SimulatedMachine } from '../machine.ts';
import { type Generation, stored } from '../store.ts';

/**
 * The profile's rebuild. The Nix profile is changed first, and keeps the new generation even if the activation then fails.
 * `nix-env --set` makes no new generation if the newest one is the same.
 */
export function rebuild(machine: SimulatedMachine, declaration: Declaration): Said {
  const generation = stored(machine.store, declaration);
  const { profile } = machine;
  if (machine.isStoreFull && !profile.generations.includes(generation)) return noRoom;
  if (profile.generations.at(-1) !== generation) profile.generations = withOneMore(profile.generations, generation);
  profile.pointer = profile.generations.length - 1;
  return machine.imitation.switchTo(machine, generation, '');
}

/** The generations with one more: the same list each time, since a search rebuilds the same on many machines, one after the other. */
function withOneMore(generations: readonly Generation[], generation: Generation): readonly Generation[] {
  const known = lastAdded.get(generation);
  if (known?.before === generations) return known.after;
  const after = [...generations, generation];
  lastAdded.set(generation, { before: generations, after });
  return after;
}

interface Added {
  readonly before: readonly Generation[];
  readonly after: readonly Generation[];
}

const lastAdded = new WeakMap<Generation, Added>();

/** What is already in the store can be added again. */
const noRoom: Said = {
  status: 1,
  message: "error: opening lock file '/nix/store/…-compose-web.lock': No space left on device",
};

/** The profile's rollback: the generation numbered before the current one (facts.md F39). */
export function rollback(machine: SimulatedMachine): Said {
  const { profile } = machine;
  const generation = profile.generations[profile.pointer - 1];
  if (generation === undefined) {
    const message = `error: no profile version older than the current (${profile.pointer + 1}) exists`;
    return { status: 1, message };
  }
  const switching = `switching profile from version ${profile.pointer + 1} to ${profile.pointer}`;
  profile.pointer--;
  return machine.imitation.switchTo(machine, generation, switching);
}
