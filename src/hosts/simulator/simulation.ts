import type { Levers } from '../../../models/host.ts';
import type { Observation } from '../../../models/observation.ts';
import { writeWorld } from '../../../models/search/canonical.ts';
import { type Revisions, withRevisions } from '../../../models/search/revisions.ts';
import { noScribe, type Scribe } from '../../../models/search/state-writer.ts';
import type { World } from '../../../models/world.ts';
import { forked, forkedObserver, shared } from './fork.ts';
import { installedMachine, type SimulatorOptions } from './index.ts';
import { leversOf } from './levers.ts';
import { bareMachine, type SimulatedMachine } from './machine.ts';
import { look } from './observe/observe.ts';
import type { Observer } from './observe/observer.ts';
import { imitations } from './profiles/imitations.ts';
import { newStore } from './store.ts';
import { writeMachine } from './write.ts';

/** A simulated machine, with what its observer remembers of the last look. */
export interface Simulated {
  readonly machine: SimulatedMachine;
  readonly observer: Observer;
  /** The machine that it was forked from, until the first look at this one. */
  from: SimulatedMachine | null;
}

/** Simulated machines that a search can fork, change side by side, and compare. */
export interface MachineSimulation {
  /**
   * A machine that was just reset and looked at.
   * @throws Unstarted if the first rebuild left a machine on which not everything runs
   */
  start(): Simulated;
  fork(from: Simulated): Simulated;
  /** Levers that act on this machine, until levers are asked for another one. */
  levers(of: Simulated): Levers;
  /** Looks at it, once; from then on it may only be forked. */
  observe(it: Simulated): Observation;
  /**
   * Writes down the state of a world and of its machine, which was just looked at. Two states get the same text if no sequence
   * of operations with at most `rollbacks` rollbacks can tell them apart.
   */
  write(world: World, it: Simulated, rollbacks: number, scribe: Scribe): void;
}

export function simulation(options: SimulatorOptions): MachineSimulation {
  const imitation = imitations[options.profile ?? 'home-manager'];
  const store = newStore();
  let first: Simulated | undefined;
  const now = { machine: bareMachine(options.setup, options.provider, imitation, store), noticed: 0 };
  // These return at once where others return a promise: whoever awaits them sees no difference.
  const levers = leversOf(now) as unknown as Levers;
  const fork = ({ machine, observer }: Simulated): Simulated => {
    // The store may be emptied: machines that are still used hold their own files.
    if (store.generations.size > 5_000) {
      store.generations.clear();
      store.units.clear();
    }
    return { machine: forked(machine), observer: forkedObserver(observer), from: machine };
  };
  return {
    start() {
      first ??= { ...installedMachine(options, imitation, store), from: null };
      return fork(first);
    },
    fork,
    levers({ machine }) {
      now.machine = machine;
      now.noticed = machine.log.length;
      return levers;
    },
    observe(it) {
      const seen = look(it.machine, it.observer);
      if (it.from !== null) shared(it.machine, it.from);
      it.from = null;
      return seen;
    },
    write(world, { machine, observer }, rollbacks, scribe) {
      const writing = (into: Scribe) => (revisions: Revisions) => {
        writeWorld(world, into, revisions, rollbacks);
        writeMachine(machine, observer, into, revisions, rollbacks);
      };
      withRevisions(world, writing(scribe), writing(noScribe));
    },
  };
}
