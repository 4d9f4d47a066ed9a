import { stackOf } from '../../models/search-path.ts';
import { resolve } from '../../models/systemd.ts';
import type { Loaded } from '../../models/world.ts';
import type { Invariant } from '../invariant.ts';
import { lastSuccess } from '../looking.ts';

export default {
  promise: 'A unit that was run anew runs the definition on disk, or somebody says that it has to be reloaded.',
  from: 'S01, S02, S07; facts.md F11, F12; facts-debian13 F81, F82; defects.md D20, D29',
  broken(seen, _world, history) {
    const last = lastSuccess(history);
    if (last === undefined || last.kind === 'drift' || /changed on disk/.test(last.claim.message)) return [];
    return Object.entries(seen.units).flatMap(([unit, is]) => {
      const stack = stackOf(unit);
      if (stack === null || is.needDaemonReload || !is.restarted) return [];
      const disk = resolve(seen.files, stack);
      const loaded = { ...is, revision: is.revision ?? 0, marker: is.marker ?? '' };
      if (disk === null || same(disk, loaded)) return [];
      return [`${unit} runs ${inWords(loaded)}, the disk has ${inWords(disk)}, and nothing says to reload`];
    });
  },
  example: {
    after: [
      { operation: 'shadow-unit', args: { stack: 'web', directory: '~/.config/systemd/user.control' } },
      { operation: 'restart', args: { stack: 'web' } },
    ],
    lie: seen => {
      const web = seen.units['web-stack.service'];
      return web === undefined
        ? seen
        : { ...seen, units: { ...seen.units, 'web-stack.service': { ...web, restarted: true } } };
    },
  },
} satisfies Invariant;

const inWords = (definition: Loaded): string =>
  [`${definition.fragmentPath} (${definition.marker})`, ...definition.dropInPaths].join(' with ');

const same = (one: Loaded, other: Loaded): boolean =>
  one.revision === other.revision && inWords(one) === inWords(other);
