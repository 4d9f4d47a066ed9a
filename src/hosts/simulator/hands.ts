import { Sick } from '../../../models/host.ts';
import type { Machine } from './machine.ts';

/** What a hand cannot do is no claim: nothing can be concluded. */
function hand(can: boolean, otherwise: string): void {
  if (!can) throw new Sick(otherwise);
}

/** Makes a tag of the registry mean another build, or nothing; the machine's own images stay as they are. */
export function publish({ registry, registryUp, setup }: Machine, tag: string, version: string | null): void {
  hand(registryUp, 'the registry is down');
  if (version === null) {
    registry.delete(tag);
    return;
  }
  hand(setup.versions.includes(version) || version === 'broken', `the registry has no ${version}`);
  registry.set(tag, version);
}

/** Takes an env file away, gives it back (or makes one that never was), or spoils it. */
export function handSecret({ secrets }: Machine, name: string, state: 'missing' | 'present' | 'malformed'): void {
  const { missing, malformed, aside } = secrets;
  const isThere = !missing.has(name);
  if (state === 'present') {
    missing.delete(name);
    malformed.delete(name);
    aside.delete(name);
    return;
  }
  // A good copy is kept; where there is one already, the file that goes is a spoilt one.
  hand(isThere || (state === 'malformed' && aside.has(name)), `the secret ${name} is away already`);
  aside.add(name);
  if (state === 'missing') missing.add(name);
  else missing.delete(name);
  if (state === 'malformed') malformed.add(name);
  else malformed.delete(name);
}
