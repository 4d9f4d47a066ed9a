import type { StackDeclaration } from '../../../models/declaration.ts';
import { stackOf } from '../../../models/search-path.ts';
import { dockerStop, dockerUp } from './docker-compose.ts';
import { fine, type Machine, type Said, type Unit } from './machine.ts';
import { stopped } from './podman.ts';
import { podmanComposeStop, podmanComposeUp } from './podman-compose.ts';

/** The operator's home on the machine that is imitated: programs name full paths. */
export const home = '/home/homelab';

/**
 * The profile's wrapper in ExecStart= and ExecStop=, and what systemd does to the unit's processes afterwards: with
 * podman-compose the conmons stand in the unit's cgroup and are killed with it (facts-debian13 F74, F77).
 */
export function runStack(machine: Machine, unit: Unit, action: 'up' | 'stop'): Said {
  let said = fine;
  // Without a definition there is nothing to run (facts.md F14); the first of several lines that fails is the last.
  for (const project of unit.runs) {
    said = (action === 'up' ? up : stop)(machine, unit, project);
    if (said.status !== 0) break;
  }
  const ended = action === 'stop' || said.status !== 0;
  if (ended && machine.provider === 'podman-compose') {
    const stack = stackOf(unit.name);
    for (const container of machine.containers) if (container.stack === stack) stopped(container);
  }
  if (said.message !== '') machine.log.push(`${unit.name}: ${said.message}`);
  return said;
}

function up(machine: Machine, unit: Unit, project: StackDeclaration): Said {
  // The wrapper's preflight: without it a missing env file leaves half a stack (facts-debian13, section 2).
  const missing = project.secrets.find(secret => machine.withheld.has(secret));
  if (missing !== undefined) {
    const message = `preflight of ${unit.name}: required secret ${home}/secrets/${missing}.env is missing`;
    return { status: 1, message };
  }
  const run = { stack: stackOf(unit.name) as string, project, marker: unit.marker ?? '' };
  return machine.provider === 'docker-compose' ? dockerUp(machine, run) : podmanComposeUp(machine, run);
}

function stop(machine: Machine, unit: Unit, project: StackDeclaration): Said {
  const run = { stack: stackOf(unit.name) as string, project, marker: unit.marker ?? '' };
  return machine.provider === 'docker-compose' ? dockerStop(machine, run) : podmanComposeStop(machine, run);
}
