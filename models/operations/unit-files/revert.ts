import { afterReload, byUnitFiles } from '../../families/unit-files.ts';
import { dropInDirectory, verbDirectories } from '../../machine/search-path.ts';
import { folderOf } from '../../transitions/lookup.ts';
import { stackIn, stackPaths, without } from '../../transitions/systemd.ts';
import type { World } from '../../world.ts';

/**
 * `systemctl --user revert`: removes the unit's own drop-ins, but none for a prefix or a type, and none of a package. A mask
 * and a unit file stay if no package has the unit (facts.md F15; facts-debian13 F97). If a file in /usr does, the operator's
 * own files are removed too, links and regular files alike: Home Manager's link is one of them (man systemctl, revert; seen on
 * systemd 257).
 */
export default byUnitFiles({
  verb: 'revert',
  says: 'revert',
  expected: (world, stack) => {
    const { files } = stackIn(world, stack);
    const own = Object.values(verbDirectories(world.setup.owner)).map(
      directory => `${directory}/${dropInDirectory(stack, 'unit')}`,
    );
    const gone = Object.keys(files).filter(path => own.includes(folderOf(path)));
    const after = afterReload(world, stack, without(files, [...gone, ...overriding(world, stack)]));
    // The directories are removed with their files.
    return { ...after, lookup: { ...after.lookup, empty: after.lookup.empty.filter(path => !own.includes(path)) } };
  },
});

/** The operator's own unit files, where a package has the unit. */
function overriding(world: World, stack: string): readonly string[] {
  const { files } = stackIn(world, stack);
  const { config, runtime } = verbDirectories(world.setup.owner);
  const { units } = stackPaths(stack);
  if (!units.some(path => path.startsWith('/usr/') && files[path]?.kind === 'file')) return [];
  return units.filter(
    path =>
      [config, runtime].some(directory => path.startsWith(`${directory}/`)) &&
      files[path] !== undefined &&
      files[path]?.kind !== 'directory',
  );
}
