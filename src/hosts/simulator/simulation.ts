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

/** A simulated machine as a value: with what whoever looks at it remembers of the last look. */
export interface Simulated {
  readonly machine: SimulatedMachine;
  readonly observer: Observer;
  /** The one that it was forked from, until it is looked at. */
  from: SimulatedMachine | null;
}

/** Simulated machines that a search can fork, go on with side by side, and tell apart. */
export interface MachineSimulation {
  /** One that was just reset and looked at. @throws Unstarted where the first rebuild leaves none to start from */
  start(): Simulated;
  fork(from: Simulated): Simulated;
  /** Levers that act on this one, at once, until they are asked for of another. */
  levers(of: Simulated): Levers;
  /** Looks at it, once; from then on it is only forked. */
  observe(it: Simulated): Observation;
  /**
   * Takes down how a world and its machine, just looked at, stand: alike where no sequence of operations with at most so
   * many rollbacks can tell one from the other.
   */
  write(world: World, it: Simulated, rollbacks: number, scribe: Scribe): void;
}

export function simulation(options: SimulatorOptions): MachineSimulation {
  const imitation = imitations[options.profile ?? 'home-manager'];
  const store = newStore();
  let first: Simulated | undefined;
  const now = { machine: bareMachine(options.setup, options.provider, imitation, store), noticed: 0 };
  // They answer at once what others answer later: whoever awaits them sees no difference.
  const levers = leversOf(now) as unknown as Levers;
  const fork = ({ machine, observer }: Simulated): Simulated => {
    // What was added can be forgotten: whatever still stands by it holds it itself.
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
