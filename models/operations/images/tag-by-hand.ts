import { tagsByHand } from '../../families/images-by-hand.ts';
import { isKnown } from '../../machine/builds.ts';
import { broken } from '../../machine/declaration.ts';
import { operation } from '../../operation.ts';
import { laidOut, type World } from '../../world.ts';

interface TagArgs extends Readonly<Record<string, string>> {
  readonly version: string;
  readonly tag: string;
}

/** An operator gives the tag that a service declares to another build that is on the machine: `podman tag`. Nothing is restarted. */
export default operation<TagArgs>({
  kind: 'drift',
  needs: ['podman tag'],
  describe: ({ version, tag }) => `tag ${version} as ${tag} on the machine`,
  choices,
  allowed: (world, { version, tag }) => choices(world).some(one => one.version === version && one.tag === tag),
  apply: (host, { version, tag }) => host.podman({ deed: 'tag', version, tag }),
  expected: (world, { version, tag }, claim) =>
    claim.ok ? laidOut(world, { images: { ...world.images, [tag]: version } }) : world,
});

function choices(world: World): readonly TagArgs[] {
  const builds = [...new Set(Object.values(world.images))].filter(build => isKnown(build) && build !== broken).sort();
  return tagsByHand(world).flatMap(tag =>
    builds.filter(version => version !== world.images[tag]).map(version => ({ version, tag })),
  );
}
