import { type PlacedQuadletArgs, quadletDrift } from '../../families/quadlet-drift.ts';
import { ownQuadlets, quadletAt, quadletPath } from '../../machine/quadlets.ts';

/** A copy of a container's quadlet file appears in another directory that podman's generator reads. */
export default quadletDrift<PlacedQuadletArgs>({
  describe: ({ file, directory }) => `leave a copy of ${file} in ${directory}`,
  choices: ({ containers }) =>
    containers.flatMap(at =>
      quadletPath.filter(directory => directory !== ownQuadlets).map(directory => ({ ...at, directory })),
    ),
  path: ({ file, directory }) => quadletAt(directory, file),
  what: () => ({ kind: 'edited', marker: 'shadow' }),
});
