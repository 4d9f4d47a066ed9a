import {
  afterReload,
  alsoWantsInConfig,
  byUnitFiles,
  inTheWay,
  isLinkOnDisk,
  isNowhere,
  unitInConfig,
  wantsInConfig,
} from '../../families/unit-files.ts';
import { resolve, stackIn, without } from '../../transitions/systemd.ts';

/**
 * `systemctl --user disable`: removes the link by which default.target wants the unit, and, because the unit's own link (Home
 * Manager's) leads out of the search path, that one too (facts.md F16; defects.md D32). Of a masked unit nothing is removed.
 */
export default byUnitFiles({
  verb: 'disable',
  says: 'disable',
  mayFail: (world, stack) => {
    const { files } = stackIn(world, stack);
    return [...inTheWay(files, stack), ...isNowhere(world, stack)];
  },
  expected: (world, stack) => {
    const { files } = stackIn(world, stack);
    if (resolve(files, stack).loadState === 'masked') return afterReload(world, stack, files);
    const links = [unitInConfig, wantsInConfig, alsoWantsInConfig]
      .map(pathIn => pathIn(world, stack))
      .filter(path => isLinkOnDisk(files[path]));
    return afterReload(world, stack, without(files, links));
  },
});
