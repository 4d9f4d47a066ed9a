import { fine, operatorHome, type Said, type SimulatedMachine } from '../machine.ts';
import type { Generation } from '../store.ts';
import { daemonReload, forget, noBus, shown } from '../systemd/systemd.ts';
import { needsReload } from '../systemd/unit-load.ts';

/**
 * The homelab's own check after the reload, with its gaps: it accepts masks, regular files, foreign links and drop-ins of other
 * directories, and it judges before its own reload (facts.md F66, F67).
 */
export function assertOwnership(machine: SimulatedMachine, generation: Generation): Said {
  const { manager } = machine;
  if (manager === null) {
    return { status: 1, message: `ownership: the user manager is '${noBus.message}', expected running or degraded` };
  }
  const violations: string[] = [];
  let stale = false;
  for (const name of generation.files.keys()) {
    const unit = shown(machine, manager, name);
    stale ||= needsReload(machine.disk, unit);
    if (unit.load === 'not-found') violations.push(`ownership: ${name} is not found`);
    else if (!unit.fragment.startsWith('~/.config/systemd/user/')) {
      const below = `${operatorHome}/.config/systemd/user/`;
      const path = unit.fragment.replace(/^~/, operatorHome).replace(/^%t/, '/run/user/1500');
      violations.push(`ownership: ${name}: FragmentPath is '${path}', expected below ${below}`);
    }
    const foreign = unit.dropIns.find(path => path.startsWith('/etc/systemd/user/'));
    if (foreign !== undefined) {
      violations.push(`ownership: ${name}: DropInPaths has '${foreign}', expected none from /etc/systemd/user/`);
    }
    forget(manager, unit);
  }
  if (stale) daemonReload(machine, manager);
  return violations.length === 0 ? fine : { status: 1, message: violations.join('\n') };
}
