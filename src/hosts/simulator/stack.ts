import type { StackDeclaration } from '../../../models/declaration.ts';
import { stackOf } from '../../../models/search-path.ts';
import { dockerStop, dockerUp } from './docker-compose.ts';
import { fine, home, type Machine, type Said, type Unit } from './machine.ts';
import { livesIn, nameOf, projectContainers, stopped } from './podman.ts';
import { podmanComposeStop, podmanComposeUp } from './podman-compose.ts';

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
    for (const container of machine.containers) if (livesIn(container, unit.name)) stopped(container);
  }
  if (said.message !== '') machine.log.push(`${unit.name}: ${said.message}`);
  return said;
}

function up(machine: Machine, unit: Unit, project: StackDeclaration): Said {
  const stack = stackOf(unit.name) as string;
  const refused = preflight(machine, unit.name, stack, project);
  if (refused !== null) return { status: 1, message: `preflight of ${unit.name}: ${refused}` };
  const run = { stack, project, marker: unit.marker ?? '' };
  return machine.provider === 'docker-compose' ? dockerUp(machine, run) : podmanComposeUp(machine, run);
}

/**
 * The wrapper's own checks: without them a missing env file leaves half a stack (facts-debian13, section 2). It says why
 * it refuses; null where it does not.
 */
function preflight(machine: Machine, unit: string, stack: string, { secrets }: StackDeclaration): string | null {
  const missing = secrets.find(secret => machine.secrets.missing.has(secret));
  if (missing !== undefined) return `required secret ${home}/secrets/${missing}.env is missing`;
  const strange = projectContainers(machine, stack).find(container => container.unit !== unit);
  if (strange === undefined) return null;
  return `container ${nameOf(machine, strange)} carries PODMAN_SYSTEMD_UNIT=${strange.unit}, expected ${unit}`;
}

function stop(machine: Machine, unit: Unit, project: StackDeclaration): Said {
  const run = { stack: stackOf(unit.name) as string, project, marker: unit.marker ?? '' };
  return machine.provider === 'docker-compose' ? dockerStop(machine, run) : podmanComposeStop(machine, run);
}
