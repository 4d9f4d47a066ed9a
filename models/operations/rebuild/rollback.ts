import { operation } from '../../operation.ts';
import { rebuildMayFail, rebuildMustFail, rebuilt } from '../../transitions/generations.ts';
import type { World } from '../../world.ts';

/** Go back one generation. The configuration does not change, so the next rebuild goes forward again (scenario S12). */
export default operation({
  kind: 'command',
  needs: ['rollback'],
  weight: 2,
  describe: () => 'roll back one generation',
  choices: world => (isPossible(world) ? [{}] : []),
  allowed: isPossible,
  apply: host => host.rollback(),
  mayFail: world => rebuildMayFail(world, earlier(world)),
  mustFail: world => rebuildMustFail(world, earlier(world)),
  expected: (world, _args, claim) => {
    const back = { ...world, pointer: world.pointer - 1 };
    return { ...rebuilt(world, earlier(world), claim), generations: back.generations, pointer: back.pointer };
  },
});

/** Where nothing is known, it is not known which generation comes before the current one (facts.md F25). */
function isPossible(world: World): boolean {
  return world.pointer > 0 && world.uncertain === null;
}

/** The declaration of the generation before the one that the profile points at. */
function earlier(world: World) {
  const generation = world.generations[world.pointer - 1];
  if (generation === undefined) throw new Error('there is no earlier generation to roll back to');
  return generation;
}
