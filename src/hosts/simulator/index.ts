import type { Host, Levers } from '../../../models/host.ts';
import type { Setup } from '../../../models/world.ts';
import { leversOf, type UnderTest } from './levers.ts';
import { bareMachine, type Machine, type Provider } from './machine.ts';
import { look } from './observe/observe.ts';
import { newObserver, type Observer } from './observe/observer.ts';
import { rebuild } from './owner/rebuild.ts';
import type { Imitation } from './profiles/imitation.ts';
import { type ImitatedProfile, imitations } from './profiles/imitations.ts';
import { newStore, type Store } from './store.ts';

export { type ImitatedProfile, imitatedProfiles } from './profiles/imitations.ts';

/** What a simulated machine is set up with. */
export interface SimulatorOptions {
  readonly setup: Setup;
  readonly provider: Provider;
  /** Whose programs are imitated; home-manager's where it is left out. */
  readonly profile?: ImitatedProfile;
}

/** The versions that are imitated: those of the lab machines on which every rule here was seen. */
const imitated = {
  host: 'simulator',
  systemd: '257.13',
  podman: '5.4.2',
  'docker-compose': '2.26.1',
  'podman-compose': '1.3.0',
  nix: '2.26.3',
  'home-manager': 'de4cfffc',
} as const;

/** A machine that was just installed and looked at: everything of the first declaration runs. */
export function installed(
  { setup, provider }: Omit<SimulatorOptions, 'profile'>,
  imitation: Imitation,
  store: Store,
): { machine: Machine; observer: Observer } {
  const machine = bareMachine(setup, provider, imitation, store);
  const observer = newObserver();
  rebuild(machine, setup.declaration);
  imitation.installed(machine);
  machine.log.length = 0;
  machine.failed = [];
  look(machine, observer);
  return { machine, observer };
}

/** A machine in memory that shows exactly what a lab machine with the same profile shows, lies and all. */
export function createSimulator(options: SimulatorOptions): Host {
  const imitation = imitations[options.profile ?? 'home-manager'];
  let store = newStore();
  const now: UnderTest = {
    machine: bareMachine(options.setup, options.provider, imitation, store),
    noticed: 0,
  };
  let observer = newObserver();
  return {
    ...later(leversOf(now)),
    name: 'simulator',
    async reset() {
      // What was added to the store can be forgotten once nothing refers to it.
      if (store.generations.size > 5_000) store = newStore();
      const fresh = installed(options, imitation, store);
      now.machine = fresh.machine;
      now.noticed = 0;
      observer = fresh.observer;
    },
    settle: async () => ({ rested: true, waiting: [] }),
    observe: async () => look(now.machine, observer),
    evidence: async () => `# Said since the reset, on a simulated machine\n\n${now.machine.log.join('\n')}\n`,
    fingerprint: async () => imitated,
    close: async () => {},
  };
}

/** The same levers as a real machine has them: with an answer, or an error, that comes later. */
const later = (levers: ReturnType<typeof leversOf>): Levers =>
  Object.fromEntries(
    Object.entries(levers).map(([name, pull]) => [
      name,
      async (...args: unknown[]) => (pull as (...args: unknown[]) => unknown)(...args),
    ]),
  ) as unknown as Levers;
