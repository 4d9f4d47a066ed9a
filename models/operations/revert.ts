import { dropInDirectory } from '../search-path.ts';
import { stackIn, without } from '../systemd.ts';
import { afterReload, byUnitFiles } from '../unit-files.ts';

const reverted = [
  '~/.config/systemd/user',
  '~/.config/systemd/user.control',
  '%t/systemd/user',
  '%t/systemd/user.control',
  '%t/systemd/transient',
];

/**
 * `systemctl --user revert`: takes the unit's own drop-ins away, but none for a prefix or a type, and none that belong to
 * a package; a mask and a unit file stay, since no package brings the unit (facts.md F15; facts-debian13 F97).
 */
export default byUnitFiles({
  verb: 'revert',
  says: 'revert',
  expected: (world, stack) => {
    const { files } = stackIn(world, stack);
    const own = reverted.map(directory => `${directory}/${dropInDirectory(stack, 'unit')}/`);
    const gone = Object.keys(files).filter(path => own.some(directory => path.startsWith(directory)));
    return afterReload(world, stack, without(files, gone));
  },
});
