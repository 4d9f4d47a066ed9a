import { drift } from '../../families/drift.ts';
import { type DropInLevel, dropInPath, searchPathOf, type UnitDirectory, unitOf } from '../../machine/search-path.ts';

interface DropInArgs extends Record<string, string> {
  stack: string;
  directory: UnitDirectory;
}

/**
 * A drop-in appears in a directory of the search path, as `systemctl edit` or `set-property` would leave it (S07): for the unit
 * unless another level is given; at the level of the type it applies to every stack.
 */
export default drift<DropInArgs & { level?: DropInLevel }>({
  describe: ({ stack, directory, level = 'unit' }) =>
    `add a drop-in ${{ unit: `for ${unitOf(stack)}`, prefix: `for ${stack}-*.service`, type: 'for every service' }[level]} in ${directory}`,
  choices: (stack, { setup }) => {
    const directories = [setup.owner, ...searchPathOf(setup.owner).filter(directory => directory !== setup.owner)];
    const plain = directories.map(directory => ({ stack, directory }));
    const leveled = (['prefix', 'type'] as const).flatMap(level => plain.map(at => ({ ...at, level })));
    return [...plain, ...leveled.filter(at => !isShortLived(at))];
  },
  path: ({ stack, directory, level }) => dropInPath(directory, stack, level),
  what: () => ({ kind: 'drop-in', marker: 'drop-in' }),
  concernsAll: ({ level }) => level === 'type',
});

/**
 * When a transient unit is removed, the drop-ins in this directory that it had read are removed too; every health probe does so
 * with those for every service. When that happens is not known (systemd's unit.c, unit_remove_transient; seen on 257).
 */
const isShortLived = ({ directory, level }: DropInArgs & { level?: DropInLevel }): boolean =>
  directory.endsWith('/systemd/transient') && level === 'type';
