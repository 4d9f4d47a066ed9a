import { homelab } from '../../models/homelab.ts';
import type { Claim, Host, Placed } from '../../models/host.ts';
import { type Declaration, edited, type ServiceDeclaration } from '../../models/machine/declaration.ts';
import { unitPath } from '../../models/machine/search-path.ts';
import type { Provider } from '../../models/machine/traits.ts';
import type { Observation } from '../../models/observation.ts';
import { createSimulator } from '../../src/hosts/simulator/index.ts';

/** A simulated homelab for tests: its levers, and short forms of what tests often do. */
export interface Bench extends Host {
  /** The last wanted declaration with one service changed; not rebuilt. */
  changed(stack: string, service: string, change: Partial<ServiceDeclaration>): Declaration;
  /** Changes one service, and rebuilds. */
  change(stack: string, service: string, change: Partial<ServiceDeclaration>): Promise<Claim>;
  /** Puts something in the place of the owner's link to the unit of `web`. */
  drift(what: Placed): Promise<Claim>;
}

export const webUnit = 'web-stack.service';
export const duoUnit = 'duo-stack.service';
export const ownedPath = unitPath('~/.config/systemd/user', 'web');
export const editedFile: Placed = { kind: 'edited', marker: 'edited' };

/** A simulated homelab, just reset. */
export async function bench(provider: Provider = 'docker-compose'): Promise<Bench> {
  const host = createSimulator({ setup: homelab, provider });
  await host.reset();
  let { declaration } = homelab;
  const changed = (stack: string, service: string, change: Partial<ServiceDeclaration>) => {
    declaration = edited(declaration, stack, services => ({
      ...services,
      [service]: { ...(services[service] as ServiceDeclaration), ...change },
    }));
    return declaration;
  };
  return {
    ...host,
    changed,
    change: (stack, service, change) => host.rebuild(changed(stack, service, change)),
    drift: what => host.place(ownedPath, what),
  };
}

/** What is seen of a unit. */
export const unitIn = (seen: Observation, name = webUnit) => {
  const unit = seen.units[name];
  if (unit === undefined) throw new Error(`${name} is not seen`);
  return unit;
};

/** States of the containers, by stack and service. */
export const containerStates = (seen: Observation): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(seen.containers).map(([name, { state }]) => [name, state]));

/** How many containers each service has had. */
export const instances = (seen: Observation): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(seen.containers).map(([name, { instance }]) => [name, instance]));
