import { type PlacedQuadletArgs, quadletDrift } from '../../families/quadlet-drift.ts';
import { ownQuadlets, quadletDropIn, quadletPath } from '../../machine/quadlets.ts';

/** A drop-in `NAME.container.d/` appears in a directory that podman's generator reads, and sets a variable of the container. */
export default quadletDrift<PlacedQuadletArgs>({
  describe: ({ file, directory }) => `add a drop-in for ${file} in ${directory}`,
  choices: ({ containers }) =>
    containers.flatMap(at =>
      [ownQuadlets, ...quadletPath.filter(directory => directory !== ownQuadlets)].map(directory => ({
        ...at,
        directory,
      })),
    ),
  path: ({ file, directory }) => quadletDropIn(directory, file),
  what: () => ({ kind: 'drop-in', marker: 'drop-in' }),
});
