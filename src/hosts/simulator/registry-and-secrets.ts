import { type SecretState, Sick } from '../../../models/host.ts';
import type { SimulatedMachine } from './machine.ts';

/** What cannot be done by hand is no claim: the step is inconclusive. */
function hand(can: boolean, otherwise: string): void {
  if (!can) throw new Sick(otherwise);
}

/** Makes a tag of the registry stand for another build, or removes it; the machine's own images stay as they are. */
export function publish(machine: SimulatedMachine, tag: string, version: string | null): void {
  const { registryUp, setup } = machine;
  hand(registryUp, 'the registry is down');
  const registry = new Map(machine.registry);
  if (version === null) registry.delete(tag);
  else {
    hand(setup.versions.includes(version) || version === 'broken', `the registry has no ${version}`);
    registry.set(tag, version);
  }
  machine.registry = registry;
}

/** Removes an env file, gives it back (or creates it), makes it malformed, or gives it its other text. */
export function handSecret({ secrets }: SimulatedMachine, name: string, state: SecretState): void {
  const { missing, malformed, rotated, aside } = secrets;
  const isThere = !missing.has(name);
  if (state === 'rotated') {
    hand(isThere && !malformed.has(name), `there is no secret ${name} to rotate`);
    secrets.rotated = rotated.has(name) ? without(rotated, name) : new Set(rotated).add(name);
    return;
  }
  if (state === 'present') {
    secrets.missing = without(missing, name);
    secrets.malformed = without(malformed, name);
    secrets.aside = without(aside, name);
    return;
  }
  // A good copy is kept; if there is one already, the removed file is a malformed one.
  hand(isThere || (state === 'malformed' && aside.has(name)), `the secret ${name} is away already`);
  secrets.aside = new Set(aside).add(name);
  secrets.missing = state === 'missing' ? new Set(missing).add(name) : without(missing, name);
  secrets.malformed = state === 'malformed' ? new Set(malformed).add(name) : without(malformed, name);
}

const without = (names: ReadonlySet<string>, name: string): ReadonlySet<string> =>
  names.has(name) ? new Set([...names].filter(other => other !== name)) : names;
