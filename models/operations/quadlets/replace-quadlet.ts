import type { Replacement } from '../../families/drift.ts';
import { type QuadletArgs, quadletDrift } from '../../families/quadlet-drift.ts';
import { ownQuadlets, quadletAt } from '../../machine/quadlets.ts';

const kinds = ['identical', 'mask', 'empty', 'dangling', 'directory', 'nothing'] as const;
/** Of a network's file that is empty the generator makes a network with another name, which nobody models. */
const ofNetwork = ['identical', 'dangling', 'directory', 'nothing'] as const;

/** Something else, or nothing, is where the owner's link to a quadlet file should be: that of a container, or of the network. */
export default quadletDrift<QuadletArgs & { by: Exclude<Replacement, 'stale'> }>({
  describe: ({ file, by }) => `put ${inWords[by]} in place of ${file}`,
  choices: ({ containers, network }) => [
    ...containers.flatMap(at => kinds.map(by => ({ ...at, by }))),
    ...network.flatMap(at => ofNetwork.map(by => ({ ...at, by }))),
  ],
  path: ({ file }) => quadletAt(ownQuadlets, file),
  what: ({ by }) => ({ kind: by }),
});

const inWords: Readonly<Record<(typeof kinds)[number], string>> = {
  identical: 'a file of the same bytes',
  mask: 'a link to /dev/null',
  empty: 'an empty file',
  dangling: 'a link that leads nowhere',
  directory: 'a directory',
  nothing: 'nothing',
};
