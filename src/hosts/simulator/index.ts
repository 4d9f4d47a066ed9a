import { type Host, type Levers, Unstarted } from '../../../models/host.ts';
import { type Declaration, jobsIn } from '../../../models/machine/declaration.ts';
import { unitOf } from '../../../models/machine/search-path.ts';
import type { Provider } from '../../../models/machine/traits.ts';
import type { ModelConfig } from '../../../models/world.ts';
import { leversOf, type UnderTest } from './levers.ts';
import type { Imitation } from './machine.ts';
import { bareMachine, type Said, type SimulatedMachine } from './machine.ts';
import { look } from './observe/observe.ts';
import { newObserver, type Observer } from './observe/observer.ts';
import { rebuild } from './owner/rebuild.ts';
import { type ImitatedProfile, imitations } from './profiles/imitations.ts';
import { newStore, type Store } from './store.ts';

export { type ImitatedProfile, imitatedProfiles } from './profiles/imitations.ts';

/** What a simulator is created with. */
export interface SimulatorOptions {
  readonly setup: ModelConfig;
  readonly provider: Provider;
  /** The profile whose programs are imitated; home-manager if absent. */
  readonly profile?: ImitatedProfile;
}

/** The versions that are imitated: those of the lab machines, on which every rule here was seen. */
const imitated = {
  host: 'simulator',
  systemd: '257.13',
  podman: '5.4.2',
  'docker-compose': '2.26.1',
  'podman-compose': '1.3.0',
  nix: '2.26.3',
  'home-manager': 'de4cfffc',
} as const;

/**
 * A machine that was installed, booted and looked at: everything of the first declaration runs.
 * @throws Unstarted if the first rebuild fails, or if its success is not true, as on a real machine
 */
export function installedMachine(
  { setup, provider }: Omit<SimulatorOptions, 'profile'>,
  imitation: Imitation,
  store: Store,
): { machine: SimulatedMachine; observer: Observer } {
  const machine = bareMachine(setup, provider, imitation, store);
  if (setup.before !== undefined) mustSucceed(rebuild(machine, setup.before));
  mustSucceed(rebuild(machine, setup.declaration));
  imitation.installed(machine);
  const fault = faultOf(machine, setup.declaration);
  if (fault !== null) {
    const message = `after the first rebuild, which said that it succeeded: ${fault}`;
    throw new Unstarted(
      message,
      { ok: true, status: 0, message: '' },
      {
        seen: look(machine, newObserver()),
      },
    );
  }
  imitation.bootedSince?.(machine);
  // A second rebuild after the boot: the next one then finds what this one left active.
  mustSucceed(rebuild(machine, setup.declaration));
  machine.log.length = 0;
  machine.failed = [];
  const observer = newObserver();
  look(machine, observer);
  return { machine, observer };
}

function mustSucceed({ status, message }: Said): void {
  if (status === 0) return;
  throw new Unstarted(`the first rebuild ended with ${status}:\n${message}`, { ok: false, status, message });
}

/** Why a machine cannot be the start of a run; null if every stack is active and every container runs. */
function faultOf(machine: SimulatedMachine, declaration: Declaration): string | null {
  const jobs = jobsIn(declaration);
  const idle = Object.keys(declaration.stacks)
    .map(unitOf)
    .filter(unit => machine.manager?.units.get(unit)?.active !== 'active');
  const exited = machine.containers.filter(
    ({ state, key }) => state !== 'running' && !(jobs.has(key) && state === 'exited'),
  );
  const faults = [
    ...idle.map(unit => `${unit} is not active`),
    ...exited.map(({ key }) => `container ${key} does not run`),
  ];
  return faults.length > 0 ? faults.join(', ') : null;
}

/** A machine in memory that shows exactly what a lab machine with the same profile shows, also where that is a lie. */
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
      // The store may be emptied: no machine of an earlier run is used any more.
      if (store.generations.size > 5_000) store = newStore();
      const fresh = installedMachine(options, imitation, store);
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

/** The same levers in the form that a real machine has them: each returns a promise. */
const later = (levers: ReturnType<typeof leversOf>): Levers =>
  Object.fromEntries(
    Object.entries(levers).map(([name, pull]) => [
      name,
      async (...args: unknown[]) => (pull as (...args: unknown[]) => unknown)(...args),
    ]),
  ) as unknown as Levers;
