import { fine, type Machine, type Said } from './machine.ts';
import { daemonReload, forget, shown, systemctl } from './systemd.ts';
import { type Generation, sameText } from './texts.ts';

/**
 * What Home Manager does with the user manager once the links stand. It compares the unit files of two *generations*
 * and never reads the live directory (facts.md F34, F35); without a manager it skips, and succeeds (F32).
 */
export function switchUnits(machine: Machine, generation: Generation, old: Generation | null): Said {
  const { manager } = machine;
  if (manager === null) return { status: 0, message: 'User systemd daemon not running. Skipping reload.' };
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
  return switched(machine, stop, [...startAgain, ...wanted]);
}

/** Old units are stopped by their old definition, hence before the reload. */
function switched(machine: Machine, stop: readonly string[], start: readonly string[]): Said {
  const said: string[] = [];
  if (stop.length > 0) {
    said.push(`Stopping units: ${stop.join(' ')}`);
    const { status, message } = systemctl(machine, 'stop', stop);
    if (message !== '') said.push(message);
    if (status !== 0) return { status, message: said.join('\n') };
  }
  if (machine.manager !== null) daemonReload(machine, machine.manager);
  if (start.length === 0) return said.length === 0 ? fine : { status: 0, message: said.join('\n') };
  said.push(`Starting units: ${start.join(' ')}`);
  const { status, message } = systemctl(machine, 'start', start);
  if (message !== '') said.push(message);
  return { status, message: said.join('\n') };
}
