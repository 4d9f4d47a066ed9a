import { fault } from '../../families/fault.ts';
import { drifted, ownedFiles, unknownAfter } from '../../transitions/generations.ts';
import { sweptOf, withManager, withoutRuntime } from '../../transitions/user-manager.ts';
import type { World } from '../../world.ts';

/**
 * The machine is shut down and boots again (scenario S11): /run is new, the registry is back, and the user manager comes
 * where the operator lingers (facts-debian13 F89). Not with a full disk, which here is one of memory: a boot would empty it.
 */
export default fault({
  fault: 'reboot',
  says: 'reboot the machine',
  kind: 'command',
  possible: world => world.store === 'roomy',
  after: before => {
    const booted: World = {
      ...sweptOf('/run/', withoutRuntime(before)),
      forgotten: false,
      registryUp: true,
      etc: 'writable',
    };
    const why = unsettledBy(before);
    const asked = before.generations[before.pointer];
    const world = why === null || asked === undefined ? booted : unknownAfter(booted, asked, why);
    return world.linger ? withManager(world) : world;
  },
});

/**
 * An owner that activates at boot too may put its own files right then, or refuse to. Nobody promises which, and nobody
 * hears of it (facts.md F37; defects.md D49).
 */
function unsettledBy(world: World): string | null {
  const { setup, installed, generations, pointer, uncertain } = world;
  if (uncertain !== null || !setup.traits.activatesAtBoot) return uncertain;
  const own = Object.keys(installed.stacks).flatMap(stack => Object.keys(ownedFiles(world, installed, stack)));
  const isSettled = generations[pointer]?.revision === installed.revision;
  return isSettled && !drifted(world).some(path => own.includes(path))
    ? null
    : 'a boot may have activated what was not activated before it';
}
