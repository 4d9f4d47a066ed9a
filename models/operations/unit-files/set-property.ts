import { userVerb } from '../../families/verbs.ts';
import { dropInPath, verbDirectories } from '../../machine/search-path.ts';
import { folderOf, withFiles } from '../../transitions/lookup.ts';
import { stackIn, withStack } from '../../transitions/systemd.ts';
import type { World } from '../../world.ts';

const at = ({ setup }: World, stack: string) =>
  dropInPath(verbDirectories(setup.owner).control, stack, 'unit', '50-CPUWeight');

/**
 * `systemctl --user set-property`: writes a drop-in in the strongest directory, which the manager applies at once without
 * reading anything else again (facts.md F6).
 */
export default userVerb({
  verb: 'set-property',
  kind: 'drift',
  says: 'set a property of',
  possible: (world, stack) => {
    const { loaded, files } = stackIn(world, stack);
    return loaded.loadState === 'loaded' && files[at(world, stack)] === undefined;
  },
  expected: (world, stack, ok) => {
    if (!ok) return world;
    const { files, loaded } = stackIn(world, stack);
    const all = [...new Set([...loaded.dropInPaths, at(world, stack)])];
    const dropInPaths = world.setup.traits.propertiesComeLast ? all : all.sort(byName);
    const written = withFiles(world, stack, { ...files, [at(world, stack)]: { kind: 'file', definition: null } });
    const { lookup } = written;
    // The manager then knows of the directory, and of anything that was placed there by hand (systemd's unit.c,
    // unit_write_setting).
    const unnoticed = lookup.unnoticed.filter(path => path !== folderOf(at(world, stack)));
    return withStack({ ...written, lookup: { ...lookup, unnoticed } }, stack, { loaded: { ...loaded, dropInPaths } });
  },
});

const byName = (one: string, other: string): number => (nameOf(one) < nameOf(other) ? -1 : 1);
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
