import { operation } from '../../operation.ts';
import { unknownIn } from '../../transitions/systemd.ts';
import { laidOut, type World } from '../../world.ts';

/** An operator removes a named volume that no container uses, with its data: `podman volume rm`. */
export default operation<{ volume: string }>({
  kind: 'drift',
  needs: ['podman remove-volume'],
  describe: ({ volume }) => `remove the volume ${volume} by hand`,
  choices: world => unused(world).map(volume => ({ volume })),
  allowed: (world, { volume }) => unused(world).includes(volume),
  apply: (host, { volume }) => host.podman({ deed: 'remove-volume', volume }),
  mayFail: unknownIn,
  expected: (world, { volume }, claim) =>
    claim.ok ? laidOut(world, { volumes: without(world.volumes, volume) }) : world,
});

function without(volumes: World['volumes'], gone: string): World['volumes'] {
  const { [gone]: _, ...left } = volumes;
  return left;
}

/** Podman does not remove a volume that a container uses, even one that does not run. */
function unused({ manager, volumes, stacks }: World): readonly string[] {
  const names = Object.keys(volumes);
  if (names.length === 0 || manager === 'down') return [];
  if (Object.values(stacks).some(({ vague }) => vague)) return [];
  const containers = Object.values(stacks).flatMap(at => Object.values(at.containers));
  return names.filter(name => containers.every(({ settings }) => !settings.includes(` volume ${name} `)));
}
