import { saysStale } from '../../models/machine/outcome.ts';
import { stackOf } from '../../models/machine/search-path.ts';
import type { UnitSeen } from '../../models/observation.ts';
import { resolve } from '../../models/transitions/systemd.ts';
import type { Loaded } from '../../models/world.ts';
import { withUnit } from '../altered.ts';
import { lastSuccess } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'A unit that was run anew runs the definition on disk, or somebody says that it has to be reloaded.',
  from: 'S01, S02, S07; facts.md F11, F12; facts-debian13 F81, F82; defects.md D20, D29',
  broken(seen, _world, history) {
    const last = lastSuccess(history);
    if (last === undefined || last.kind === 'drift') return [];
    const sentences: string[] = [];
    for (const unit in seen.units) {
      const is = seen.units[unit] as UnitSeen;
      if (!is.restarted || is.needDaemonReload || saysStale(last.claim, unit)) continue;
      const stack = stackOf(unit);
      if (stack === null) continue;
      const disk = resolve(seen.files, stack);
      if (disk.loadState !== 'loaded' || same(disk, is)) continue;
      sentences.push(`${unit} ${inWords(is, disk)}, and nothing says to reload`);
    }
    return sentences;
  },
  example: {
    after: [
      { operation: 'shadow-unit', args: { stack: 'web', directory: '~/.config/systemd/user.control' } },
      { operation: 'restart', args: { stack: 'web' } },
    ],
    lie: seen => withUnit(seen, 'web-stack.service', { restarted: true }),
  },
} satisfies Invariant;

type Definition = Pick<Loaded, 'fragmentPath' | 'dropInPaths' | 'revision' | 'marker'>;

/** How two definitions differ: by their file, else by their drop-ins, else by what the same file says. */
function inWords(loaded: Definition, disk: Definition): string {
  if (loaded.fragmentPath !== disk.fragmentPath)
    return `runs ${loaded.fragmentPath}, the disk has ${disk.fragmentPath}`;
  if (`${loaded.dropInPaths}` === `${disk.dropInPaths}`) return `runs what ${disk.fragmentPath} does not say any more`;
  return `runs with the drop-ins ${listed(loaded.dropInPaths)}, the disk has ${listed(disk.dropInPaths)}`;
}

const listed = (paths: readonly string[]): string => paths.join(', ') || '(none)';

const same = (one: Definition, other: Definition): boolean =>
  one.fragmentPath === other.fragmentPath &&
  `${one.dropInPaths}` === `${other.dropInPaths}` &&
  one.revision === other.revision &&
  one.marker === other.marker;
