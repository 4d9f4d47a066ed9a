import type { Observation, UnitSeen } from '../../../../models/observation.ts';
import type { Manager, SimulatedMachine, Unit } from '../machine.ts';
import { namesIn } from '../systemd/disk.ts';
import { forget, shown } from '../systemd/systemd.ts';
import { needsReload } from '../systemd/unit-load.ts';
import { firstTarget } from '../systemd/unit-paths.ts';
import type { Observer } from './observer.ts';

/** The units on disk and in memory, by name. A unit without a file that does not run is left out. */
export function simulatedUnits(machine: SimulatedMachine, manager: Manager, observer: Observer): Observation['units'] {
  const before = observer.last?.units;
  const seen: Record<string, UnitSeen> = {};
  let count = 0;
  let same = before !== undefined;
  // Every unit that was ever asked for or placed; those that do not exist are left out.
  for (const name of namesIn(machine.disk)) {
    if (name === firstTarget) continue;
    const unit = shown(machine, manager, name);
    if (unit.load !== 'not-found' || unit.active !== 'inactive') {
      const now = unitSeen(machine, unit, observer);
      same &&= before?.[name] === now;
      seen[name] = now;
      count++;
    }
    forget(manager, unit);
  }
  return same && before && Object.keys(before).length === count ? before : seen;
}

const subStates = { active: 'exited', inactive: 'dead', failed: 'failed' } as const;

function unitSeen({ disk, starts: begun }: SimulatedMachine, unit: Unit, observer: Observer): UnitSeen {
  const { name, activeSince } = unit;
  const before = observer.activeSince.get(name);
  const restarted = observer.last !== null && activeSince !== 0 && activeSince !== before;
  if (activeSince !== before) observer.activeSince = new Map(observer.activeSince).set(name, activeSince);
  const needDaemonReload = needsReload(disk, unit);
  const starts = observer.last === null ? 0 : (begun.get(name) ?? 0);
  const { seen } = unit;
  if (
    seen !== null &&
    seen.restarted === restarted &&
    seen.starts === starts &&
    seen.needDaemonReload === needDaemonReload
  ) {
    return seen;
  }
  unit.seen = {
    loadState: unit.load,
    fragmentPath: unit.fragment,
    dropInPaths: unit.dropIns,
    unitFileState: unit.fileState ?? '',
    needDaemonReload,
    activeState: unit.active,
    subState: subStates[unit.active],
    result: unit.result,
    revision: unit.revision,
    marker: unit.marker,
    restarted,
    starts,
    text: 1,
  };
  return unit.seen;
}
