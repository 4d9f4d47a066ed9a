import type { Said, SimulatedMachine, Unit } from '../machine.ts';
import { containerStopped, livesIn } from '../podman/podman.ts';

/**
 * What a stack's unit runs when it starts or stops, by the profile's imitation; and what systemd does to its processes
 * afterwards. With podman-compose the conmons are in the unit's cgroup, and are killed with it (facts-debian13 F74, F77).
 */
export function runStack(machine: SimulatedMachine, unit: Unit, action: 'up' | 'stop'): Said {
  const said = machine.imitation[action](machine, unit);
  const ended = action === 'stop' || said.status !== 0;
  if (ended && machine.provider === 'podman-compose') {
    for (const container of machine.containers) if (livesIn(container, unit.name)) containerStopped(container);
  }
  if (said.message !== '') machine.log.push(`${unit.name}: ${said.message}`);
  return said;
}
