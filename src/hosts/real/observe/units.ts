import type { UnitSeen } from '../../../../models/observation.ts';
import { normalPath, type Operator } from '../../paths.ts';
import { variable } from './files.ts';
import { lines } from './sections.ts';

/** A unit with the time at which it last became active, which is used only to compare two looks. */
export interface UnitLook {
  readonly unit: Omit<UnitSeen, 'restarted' | 'starts'>;
  /** Microseconds since boot; 0 if it was never active. */
  readonly activeSince: number;
  /** Its InvocationID, a new one for each start; empty if there is none. */
  readonly invocation: string;
}

/** What `systemctl --user show` says about stack units, by name. A unit without a file that does not run is left out. */
export function unitsSeen(section: string | undefined, operator: Operator): ReadonlyMap<string, UnitLook> {
  const units = new Map<string, UnitLook>();
  for (const block of (section ?? '').split('\n\n')) {
    const said = new Map(lines(block).map(line => splitAt(line, line.indexOf('='))));
    const name = said.get('Id');
    if (name === undefined) continue;
    const look = unitLook(said, operator);
    if (look.unit.loadState !== 'not-found' || look.unit.activeState !== 'inactive') {
      units.set(name, look);
    }
  }
  return new Map([...units].sort(([one], [other]) => (one < other ? -1 : 1)));
}

function unitLook(said: ReadonlyMap<string, string>, operator: Operator): UnitLook {
  const word = (property: string) => said.get(property) ?? '';
  const revision = variable(word('Environment'), 'STACK_REVISION');
  const unit = {
    loadState: word('LoadState'),
    fragmentPath: normalPath(word('FragmentPath'), operator),
    dropInPaths: word('DropInPaths')
      .split(' ')
      .filter(path => path !== '')
      .map(path => normalPath(path, operator)),
    unitFileState: word('UnitFileState'),
    needDaemonReload: word('NeedDaemonReload') === 'yes',
    activeState: word('ActiveState'),
    subState: word('SubState'),
    result: word('Result'),
    revision: revision === undefined ? null : Number(revision),
    marker: variable(word('Environment'), 'STACK_MARKER') ?? null,
  };
  return { unit, activeSince: Number(word('ActiveEnterTimestampMonotonic')), invocation: word('InvocationID') };
}

const splitAt = (line: string, at: number): readonly [string, string] => [line.slice(0, at), line.slice(at + 1)];
