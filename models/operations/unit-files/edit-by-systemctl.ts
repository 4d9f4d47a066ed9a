import { afterReload, byUnitFiles } from '../../families/unit-files.ts';
import { dropInPath, verbDirectories } from '../../machine/search-path.ts';
import { isDangling, stackIn } from '../../transitions/systemd.ts';
import type { World } from '../../world.ts';

/** `systemctl --user edit`: writes a drop-in for the unit, and reloads. It needs to read the unit's file. */
export default byUnitFiles({
  verb: 'edit',
  says: 'edit (by systemctl)',
  mayFail: (world, stack) => (canShow(world, stack) ? [] : ['the files that the unit was loaded from cannot be read']),
  expected: (world, stack) =>
    afterReload(world, stack, {
      ...stackIn(world, stack).files,
      [dropInPath(verbDirectories(world.setup.owner).config, stack, 'unit', 'override')]: {
        kind: 'file',
        definition: { revision: null, marker: 'edited' },
      },
    }),
});

function canShow(world: World, stack: string): boolean {
  const { files, loaded } = stackIn(world, stack);
  if (loaded.loadState !== 'loaded') return false;
  return [loaded.fragmentPath, ...loaded.dropInPaths].every(path => {
    const file = files[path];
    return file !== undefined && file.kind !== 'directory' && !isDangling(file);
  });
}
