import { unitOf } from '../../../models/machine/search-path.ts';
import { normalPath, type Operator } from '../paths.ts';
import type { Look } from '../real/observe/look.ts';
import type { AroundLook } from '../real/observe/surroundings.ts';
import type { Before } from './put-back.ts';

/** A health timer's name begins with the id of its container (facts.md F56). */
const timerOf = /^([0-9a-f]{64})\b.*\.timer$/;

/**
 * Around the stacks, what others than the commands under test do there all the time: their services start and fail, they log in, and
 * they write files. Timers, unit files and the manager's environment seldom change by themselves.
 */
const aroundOurs = (around: AroundLook, isOurs: (name: string) => boolean): AroundLook => ({
  ...around,
  isOurs,
  processes: around.processes.filter(process => isOurs(process.slice(process.lastIndexOf(' ') + 1))),
  runtime: [],
  written: 0,
  journal: around.journal.filter(
    entry => entry.PODMAN_EVENT !== undefined || isOurs(entry.USER_UNIT ?? entry._SYSTEMD_USER_UNIT ?? ''),
  ),
});

/**
 * What of a look is of the stacks under test. Whatever else runs on somebody's machine is not looked at any further: their
 * own stacks, networks without a label, and temporary files, of which nobody can say whose they are.
 * @param before what was there before, and bears upon the stacks under test: it is the host's own, and nobody's drift
 */
export function narrowed(
  look: Look,
  stacks: readonly string[],
  before: Pick<Before, 'timers' | 'dropIns'>,
  operator: Operator,
): Look {
  const timers = new Set(before.timers);
  const dropIns = new Set(before.dropIns.map(path => normalPath(path, operator)));
  const units = new Set(stacks.map(unitOf));
  const isOurs = (name: string): boolean =>
    stacks.some(stack => name === stack || (name.startsWith(stack) && /^[-_.]/.test(name.slice(stack.length))));
  const ours = look.containers.filter(
    ({ service, name }) => isOurs(service.split('/')[0] ?? '') || (service.startsWith('-/') && isOurs(name)),
  );
  const others = new Set(look.containers.filter(one => !ours.includes(one)).map(({ id }) => id));
  return {
    ...look,
    units: new Map(
      [...look.units]
        .filter(([name]) => units.has(name))
        .map(([name, seen]) => {
          const dropInPaths = seen.unit.dropInPaths.filter(path => !dropIns.has(path));
          return [name, { ...seen, unit: { ...seen.unit, dropInPaths } }];
        }),
    ),
    files: Object.fromEntries(Object.entries(look.files).filter(([path]) => path.split('/').some(isOurs))),
    containers: ours,
    listed: look.listed.filter(({ name }) => {
      const id = timerOf.exec(name)?.[1];
      return id === undefined ? isOurs(name) || !name.endsWith('-stack.service') : !others.has(id) && !timers.has(name);
    }),
    resources: look.resources.filter(({ what, project }) =>
      isOurs(project ?? what.slice(what.indexOf(' ') + 1).replace(/^pod_/, '')),
    ),
    temporary: [],
    around: look.around && aroundOurs(look.around, isOurs),
  };
}
