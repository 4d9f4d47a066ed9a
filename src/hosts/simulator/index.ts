import { type Claim, type Host, Unable } from '../../../models/host.ts';
import type { Setup } from '../../../models/world.ts';
import { handled, intruded, sickened } from './by-hand.ts';
import { handSecret, publish } from './hands.ts';
import { bareMachine, type Machine, type Provider, type Said } from './machine.ts';
import { befallen } from './mishaps.ts';
import { look } from './observe.ts';
import { newObserver } from './observer.ts';
import { place } from './place.ts';
import { type ImitatedProfile, imitations } from './profiles/imitations.ts';
import { rebuild, rollback } from './rebuild.ts';
import { newStore } from './texts.ts';
import { startManager, stopManager } from './user-manager.ts';
import { typed } from './verbs.ts';

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

const claimed = ({ status, message }: Said): Claim => ({ ok: status === 0, status, message });
const handMade: Claim = { ok: true, status: 0, message: '' };

/** A machine in memory that shows exactly what a lab machine with the same profile shows, lies and all. */
export function createSimulator({ setup, provider, profile = 'home-manager' }: SimulatorOptions): Host {
  const imitation = imitations[profile];
  let store = newStore();
  let machine: Machine = bareMachine(setup, provider, imitation, store);
  let observer = newObserver();
  /** How much of the log was there after the last lever. */
  let noticed = 0;

  /** Every lever goes through here, so that evidence shows what was done. */
  const noted = (title: string, claim: Claim): Claim => {
    const said = machine.log.slice(noticed).join('\n');
    machine.log.push(`### ${title}: exit ${claim.status}`);
    if (claim.message !== '') machine.log.push(claim.message);
    noticed = machine.log.length;
    return claim.ok ? claim : { ...claim, log: said };
  };

  return {
    name: 'simulator',
    async reset() {
      // What was added to the store can be forgotten once nothing refers to it.
      if (store.generations.size > 5_000) store = newStore();
      machine = bareMachine(setup, provider, imitation, store);
      observer = newObserver();
      rebuild(machine, setup.declaration);
      imitation.installed(machine);
      machine.log.length = 0;
      noticed = 0;
      look(machine, observer);
    },
    settle: async () => ({ rested: true, waiting: [] }),
    observe: async () => look(machine, observer),
    rebuild: async (declaration, manner = 'plain') => {
      if (manner !== 'plain') throw new Unable(`no rebuild ${manner} here`);
      return noted(`rebuild revision ${declaration.revision}`, claimed(rebuild(machine, declaration)));
    },
    rollback: async () => noted('rollback', claimed(rollback(machine))),
    systemctl: async (verb, unit) =>
      noted(
        `systemctl --user ${verb}${unit === undefined ? '' : ` ${unit}`}`,
        claimed(typed(machine, verb, unit ?? '')),
      ),
    manager: async action =>
      noted(
        `systemctl ${action} user@1500.service`,
        claimed((action === 'stop' ? stopManager : startManager)(machine)),
      ),
    async place(path, what) {
      place(machine, path, what);
      return noted(`put ${what.kind} at ${path}`, handMade);
    },
    container: async (action, stack, service) =>
      noted(`podman ${action} ${stack}/${service}`, claimed(handled(machine, action, stack, service))),
    async intruder(kind, stack) {
      intruded(machine, kind, stack);
      return noted(`run a ${kind} container on ${stack}`, handMade);
    },
    async orphanTimer() {
      machine.strayTimers = [...machine.strayTimers, 'CONTAINER-ID.timer'];
      return noted('leave a health timer behind', handMade);
    },
    async health(stack, service, state) {
      sickened(machine, stack, service, state === 'sick');
      return noted(`make ${stack}/${service} ${state}`, handMade);
    },
    async registry(action) {
      machine.registryUp = action === 'start';
      return noted(`${action} the registry`, handMade);
    },
    async machine(mishap) {
      return noted(`let it befall: ${mishap}`, claimed(befallen(machine, mishap)));
    },
    async publish(tag, version) {
      publish(machine, tag, version);
      return noted(version === null ? `take ${tag} out` : `push ${version} as ${tag}`, handMade);
    },
    autoUpdate: async (how = 'command') => noted(`auto-update by ${how}`, imitation.update(machine, how)),
    async secret(name, state) {
      handSecret(machine, name, state);
      return noted(`make the secret ${name} ${state}`, handMade);
    },
    evidence: async () => `# Said since the reset, on a simulated machine\n\n${machine.log.join('\n')}\n`,
    fingerprint: async () => imitated,
    close: async () => {},
  };
}
