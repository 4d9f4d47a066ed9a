import { afterReload, byUnitFiles } from '../../families/unit-files.ts';
import { dropInDirectory } from '../../machine/search-path.ts';
import type { OnDisk } from '../../observation.ts';
import { folderOf } from '../../transitions/lookup.ts';
import { stackIn, stackPaths, without } from '../../transitions/systemd.ts';

const reverted = [
  '~/.config/systemd/user',
  '~/.config/systemd/user.control',
  '%t/systemd/user',
  '%t/systemd/user.control',
  '%t/systemd/transient',
];

/** The directories that systemd takes for the operator's. */
const operators = ['~/.config/systemd/user/', '%t/systemd/user/'];

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
    const own = reverted.map(directory => `${directory}/${dropInDirectory(stack, 'unit')}`);
    const gone = Object.keys(files).filter(path => own.includes(folderOf(path)));
    const after = afterReload(world, stack, without(files, [...gone, ...overriding(files, stack)]));
    // The directories are removed with their files.
    return { ...after, lookup: { ...after.lookup, empty: after.lookup.empty.filter(path => !own.includes(path)) } };
  },
});

/** The operator's own unit files, where a package has the unit. */
function overriding(files: Readonly<Record<string, OnDisk>>, stack: string): readonly string[] {
  const { units } = stackPaths(stack);
  if (!units.some(path => path.startsWith('/usr/') && files[path]?.kind === 'file')) return [];
  return units.filter(
    path =>
      operators.some(directory => path.startsWith(directory)) &&
      files[path] !== undefined &&
      files[path]?.kind !== 'directory',
  );
}
