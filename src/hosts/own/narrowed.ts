import { unitOf } from '../../../models/machine/search-path.ts';
import { normalPath, type Operator } from '../paths.ts';
import { matches } from '../real/cause.ts';
import type { Look } from '../real/observe/look.ts';
import { type AroundLook, unitNamedIn } from '../real/observe/surroundings.ts';
import type { Names } from './names.ts';
import type { Before } from './put-back.ts';

/** A health timer's name begins with the id of its container (facts.md F56). */
const timerOf = /^([0-9a-f]{64})\b.*\.timer$/;

/**
 * Of what is around the stacks, the part that other programs do not change all the time: their services start and fail, users
 * log in, and files are written. Timers, unit files and the manager's environment seldom change by themselves.
 */
const aroundOurs = (around: AroundLook, isOurs: (name: string) => boolean): AroundLook => ({
  ...around,
  isOurs,
  processes: around.processes.filter(process => isOurs(process.slice(process.lastIndexOf(' ') + 1))),
  runtime: [],
  written: 0,
  journal: around.journal.filter(entry => entry.PODMAN_EVENT !== undefined || isOurs(unitNamedIn(entry) ?? '')),
});

/**
 * The part of a look that is about the stacks under test. Left out is what else runs on the machine: other stacks, networks
 * without a label, and temporary files, whose owner nobody knows.
 * @param names the machine's names of the stacks, and of their networks and volumes that have a name of their own
 * @param before what was there before and affects the stacks under test: it belongs to the host, and is no drift
 */
export function narrowed(
  look: Look,
  { stacks, resources: named }: Pick<Names, 'stacks' | 'resources'>,
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
    resources: look.resources.filter(({ what, project }) => {
      const name = what.slice(what.indexOf(' ') + 1).replace(/^pod_/, '');
      return isOurs(project ?? name) || named.includes(name);
    }),
    volumes: look.volumes && new Map([...look.volumes].filter(([name]) => isOurs(name) || named.includes(name))),
    temporary: [],
    around: look.around && aroundOurs(look.around, isOurs),
  };
}

/**
 * A look at stacks of the system's on a machine of our own: the system's manager runs much else, and so does root. What is around the
 * stacks is of the units alone that these patterns name.
 */
export const amongOthers = (look: Look, patterns: readonly string[]): Look => ({
  ...look,
  around: look.around && aroundOurs(look.around, name => patterns.some(pattern => matches(name, pattern))),
});
