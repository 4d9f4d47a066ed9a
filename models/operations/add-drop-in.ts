import { drift } from '../drifting.ts';
import { dropInPath, searchPath, type UnitDirectory, unitOf } from '../search-path.ts';

/** A drop-in appears in a directory of the search path, as `systemctl edit` or `set-property` would leave it (S07). */
export default drift<{ stack: string; directory: UnitDirectory }>({
  describe: ({ stack, directory }) => `add a drop-in for ${unitOf(stack)} in ${directory}`,
  choices: (stack, { setup }) =>
    [setup.owner, ...searchPath.filter(directory => directory !== setup.owner)].map(directory => ({
      stack,
      directory,
    })),
  path: ({ stack, directory }) => dropInPath(directory, stack),
  what: () => ({ kind: 'drop-in', marker: 'drop-in' }),
  shows: () => ({ kind: 'file', definition: { revision: null, marker: 'drop-in' } }),
});
