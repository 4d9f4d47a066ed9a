import { afterReload, byUnitFiles, unitInConfig } from '../../families/unit-files.ts';
import { isMask, stackIn, without } from '../../transitions/systemd.ts';

/** `systemctl --user unmask`: removes a mask, and does not restore what was there before (facts.md F16). */
export default byUnitFiles({
  verb: 'unmask',
  says: 'unmask',
  expected: (world, stack) => {
    const { files } = stackIn(world, stack);
    const path = unitInConfig(world, stack);
    const there = files[path];
    return afterReload(world, stack, there !== undefined && isMask(there) ? without(files, [path]) : files);
  },
});
