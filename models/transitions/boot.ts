import type { World } from '../world.ts';
import { drifted, ownedFiles, unknownAfter } from './generations.ts';
import { sweptOf, withManager, withoutRuntime } from './user-manager.ts';

/** The world after the machine has ended, in whatever way, and booted again. */
export function bootedAfter(before: World): World {
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
}

/**
 * An owner that also activates at boot may restore its own files then, or refuse to. Neither is promised, and nothing reports
 * it (facts.md F37; defects.md D49).
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
