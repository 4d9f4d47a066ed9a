import { type Claim, type Host, Sick, Unable } from '../../../models/host.ts';
import { type UnitDirectory, unitOf } from '../../../models/search-path.ts';
import type { Setup } from '../../../models/world.ts';
import { Problem } from '../../problem.ts';
import { autoUpdate } from './auto-update.ts';
import { bareMachine, type Machine, type Provider, type Said } from './machine.ts';
import { look } from './observe.ts';
import { newObserver } from './observer.ts';
import { place } from './place.ts';
import { handled } from './podman.ts';
import { rebuild, rollback } from './rebuild.ts';
import { daemonReload, noBus, systemctl } from './systemd.ts';
import { newStore } from './texts.ts';
import { startManager, stopManager } from './user-manager.ts';

/** What a simulated machine is set up with. */
export interface SimulatorOptions {
  readonly setup: Setup;
  readonly provider: Provider;
  /** Where the owner installs units; the setup's own where it is left out. Only Home Manager is imitated. */
  readonly owner?: UnitDirectory;
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

const notYet = async (): Promise<Claim> => {
  throw new Unable('the simulator does not do this yet');
};

/** What a hand cannot do is no claim: nothing can be concluded. */
function hand(can: boolean, otherwise: string): void {
  if (!can) throw new Sick(otherwise);
}

/** A machine in memory that shows exactly what a lab machine with the `home-manager` profile shows, lies and all. */
export function createSimulator({ setup, provider, owner = setup.owner }: SimulatorOptions): Host {
  if (owner !== '~/.config/systemd/user') throw notImitated(owner);
  let store = newStore();
  let machine: Machine = bareMachine(setup, provider, store);
  const declared = new Set(Object.keys(setup.declaration.stacks).map(unitOf));
  let observer = newObserver(declared);

  /** Every lever goes through here, so that evidence shows what was done. */
  const noted = (title: string, claim: Claim): Claim => {
    machine.log.push(`### ${title}: exit ${claim.status}`);
    if (claim.message !== '') machine.log.push(claim.message);
    return claim;
  };

  return {
    name: 'simulator',
    async reset() {
      // What was added to the store can be forgotten once nothing refers to it.
      if (store.generations.size > 5_000) store = newStore();
      machine = bareMachine(setup, provider, store);
      observer = newObserver(declared);
      rebuild(machine, setup.declaration);
      machine.log.length = 0;
      look(machine, observer);
    },
    settle: async () => ({ rested: true, waiting: [] }),
    observe: async () => look(machine, observer),
    rebuild: async (declaration, manner = 'plain') => {
      if (manner !== 'plain') throw new Unable(`no rebuild ${manner} here`);
      return noted(`rebuild revision ${declaration.revision}`, claimed(rebuild(machine, declaration)));
    },
    rollback: async () => noted('rollback', claimed(rollback(machine))),
    async systemctl(verb, unit) {
      if (verb !== 'daemon-reload') {
        if (verb !== 'start' && verb !== 'stop' && verb !== 'restart') throw new Unable(`no ${verb} yet`);
        const names = unit === undefined ? [] : [unit];
        return noted(`systemctl --user ${verb} ${unit}`, claimed(systemctl(machine, verb, names)));
      }
      if (machine.manager === null) return noted('systemctl --user daemon-reload', claimed(noBus));
      daemonReload(machine, machine.manager);
      return noted('systemctl --user daemon-reload', handMade);
    },
    manager: async action =>
      noted(
        `systemctl ${action} user@1500.service`,
        claimed((action === 'stop' ? stopManager : startManager)(machine)),
      ),
    async place(path, what) {
      place(machine, path, what);
      return noted(`put ${what.kind} at ${path}`, handMade);
    },
    container: async (action, stack, service) => {
      if (action !== 'stop' && action !== 'remove') throw new Unable(`no ${action} yet`);
      return noted(`podman ${action} ${stack}/${service}`, claimed(handled(machine, action, stack, service)));
    },
    intruder: notYet,
    orphanTimer: notYet,
    health: notYet,
    registry: notYet,
    machine: notYet,
    async publish(tag, version) {
      if (version === null) throw new Unable('no taking out of a tag yet');
      hand(setup.versions.includes(version), `the registry has no ${version}`);
      machine.registry.set(tag, version);
      return noted(`push ${version} as ${tag}`, handMade);
    },
    autoUpdate: async () => noted('auto-update', autoUpdate(machine)),
    async secret(name, state) {
      if (state === 'malformed') throw new Unable('no malformed secret yet');
      const present = state === 'present';
      hand(machine.withheld.has(name) === present, `the secret ${name} is ${present ? 'there' : 'away'} already`);
      if (present) machine.withheld.delete(name);
      else machine.withheld.add(name);
      return noted(`${present ? 'give back' : 'take away'} the secret ${name}`, handMade);
    },
    evidence: async () => `# Said since the reset, on a simulated machine\n\n${machine.log.join('\n')}\n`,
    fingerprint: async () => imitated,
    close: async () => {},
  };
}

const notImitated = (owner: string): Problem =>
  new Problem({
    expected: 'a profile whose units belong to Home Manager, in ~/.config/systemd/user',
    found: `units in ${owner}`,
    where: 'simulator',
    next: 'use --host lab for this profile',
  });
