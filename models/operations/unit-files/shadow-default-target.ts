import { drift } from '../../families/drift.ts';
import { firstTargetPath, scopeOf, type UnitDirectory, verbDirectories } from '../../machine/search-path.ts';
import { managerCannotStart } from '../../transitions/systemd.ts';

const kinds = ['dangling', 'mask', 'empty'] as const;

const inWords = { dangling: 'a link that leads nowhere', mask: 'a link to /dev/null', empty: 'an empty file' } as const;

/**
 * Somebody leaves something of the name of default.target that no manager can load: a dotfile manager whose file is gone, a mask.
 * Nothing shows as long as the manager runs; the next one does not start, and with it no stack (scenarios S07, S11; facts.md F210).
 */
export default drift<{ stack: string; directory: UnitDirectory; by: (typeof kinds)[number] }>({
  describe: ({ directory, by }) => `put ${inWords[by]} in place of default.target in ${directory}`,
  choices: (stack, world) => {
    const { owner } = world.setup;
    // It is the same for every stack; the system's own target is the lab machine's.
    if (stack !== Object.keys(world.stacks)[0] || scopeOf(owner) === 'system') return [];
    const { config, runtime } = verbDirectories(owner);
    if (managerCannotStart(world).length > 0) return [];
    return [config, runtime].flatMap(directory => kinds.map(by => ({ stack, directory, by })));
  },
  path: ({ directory }) => firstTargetPath(directory),
  what: ({ by }) => ({ kind: by }),
  concernsAll: () => true,
  needs: ['place default.target'],
});
