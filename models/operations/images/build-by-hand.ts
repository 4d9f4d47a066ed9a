import { tagsByHand } from '../../families/images-by-hand.ts';
import { builtByHand } from '../../machine/builds.ts';
import { broken } from '../../machine/declaration.ts';
import { operation } from '../../operation.ts';
import { laidOut, type World } from '../../world.ts';

/** An operator builds an image of their own under the tag that a service declares: `podman build`. Nothing is restarted. */
export default operation<{ tag: string }>({
  kind: 'drift',
  needs: ['podman build'],
  describe: ({ tag }) => `build an image on the machine, as ${tag}`,
  choices: world => buildable(world).map(tag => ({ tag })),
  allowed: (world, { tag }) => buildable(world).includes(tag),
  apply: (host, { tag }) => host.podman({ deed: 'build', tag }),
  expected: (world, { tag }, claim) =>
    claim.ok ? laidOut(world, { images: { ...world.images, [tag]: builtByHand } }) : world,
});

/** One that cannot run cannot be built upon either. */
const buildable = (world: World): readonly string[] =>
  tagsByHand(world).filter(tag => world.images[tag] !== builtByHand && world.images[tag] !== broken);
