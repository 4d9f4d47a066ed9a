import { stackOf } from '../../../../models/machine/search-path.ts';
import { joined, type Manager, type Said, type SimulatedMachine } from '../machine.ts';
import { type Generation, sameText } from '../store.ts';
import { daemonReload, forget, shown, systemctl } from '../systemd/systemd.ts';

/**
 * What Home Manager does with the user manager after it made the links. It compares the unit files of two *generations*, and
 * never reads the directory itself (facts.md F34, F35). Without a manager it does nothing, and succeeds (F32).
 */
export function switchUnits(machine: SimulatedMachine, generation: Generation, old: Generation | null): Said {
  const { manager } = machine;
  if (manager === null) return { status: 0, message: 'User systemd daemon not running. Skipping reload.' };
  const said = degraded(manager);
  const stop: string[] = [];
  const startAgain: string[] = [];
  const wanted: string[] = [];
  const names = new Set([...(old?.files.keys() ?? []), ...generation.files.keys()]);
  for (const name of [...names].sort()) {
    const unit = shown(machine, manager, name);
    const isUp = unit.active === 'active';
    forget(manager, unit);
    const now = generation.files.get(name);
    const before = old?.files.get(name);
    if (!isUp) {
      if (now !== undefined) wanted.push(name);
    } else if (now === undefined) stop.push(name);
    else if (before === undefined || !sameText(before.text, now.text)) {
      stop.push(name);
      startAgain.push(name);
    }
  }
  return switched(machine, said, stop, [...startAgain, ...wanted]);
}

/** Old units are stopped by their old definition, so before the reload. */
function switched(machine: SimulatedMachine, before: string, stop: readonly string[], start: readonly string[]): Said {
  let message = before;
  if (stop.length > 0) {
    const stopped = systemctl(machine, 'stop', stop);
    message = joined(message, `Stopping units: ${stop.join(' ')}`, stopped.message);
    if (stopped.status !== 0) return { status: stopped.status, message };
  }
  if (machine.manager !== null) daemonReload(machine, machine.manager);
  if (start.length === 0) return { status: 0, message };
  const started = systemctl(machine, 'start', start);
  return { status: started.status, message: joined(message, `Starting units: ${start.join(' ')}`, started.message) };
}

/** What it prints if the manager has failed units, before it goes on (facts.md F32): `systemctl --state=failed`. */
function degraded(manager: Manager): string {
  const failed = [...manager.units.values()].filter(unit => unit.active === 'failed');
  if (failed.length === 0 && !manager.hasFailedStranger) return '';
  const rows = failed
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name, load, runs }) => {
      const description = runs.length > 0 ? `Compose stack ${stackOf(name)}` : name;
      return [name, load, 'failed', 'failed', description];
    });
  if (manager.hasFailedStranger) {
    rows.push(['unrelated.service', 'loaded', 'failed', 'failed', '[systemd-run] /usr/bin/false']);
  }
  const table = [['UNIT', 'LOAD', 'ACTIVE', 'SUB', 'DESCRIPTION'], ...rows];
  const width = (column: number) => Math.max(...table.map(row => row[column]?.length ?? 0));
  const widths = [0, 1, 2, 3].map(width);
  const lines = table.map((row, at) => {
    const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    return `${at === 0 ? ' ' : '●'} ${cells.join(' ')}`;
  });
  return joined(
    'The user systemd session is degraded:',
    ...lines,
    'Legend: LOAD   → Reflects whether the unit definition was properly loaded.',
    '        ACTIVE → The high-level unit activation state, i.e. generalization of SUB.',
    '        SUB    → The low-level unit activation state, values depend on unit type.',
    `${rows.length} loaded units listed.`,
    'Attempting to reload services anyway...',
  );
}
