import type { StackDeclaration } from '../../../../models/machine/declaration.ts';
import { stackOf } from '../../../../models/machine/search-path.ts';
import { dockerStop, dockerUp } from '../compose/docker-compose.ts';
import { podmanComposeStop, podmanComposeUp } from '../compose/podman-compose.ts';
import type { Imitation } from '../machine.ts';
import { fine, operatorHome, type Said, type SimulatedMachine, type Unit } from '../machine.ts';
import { autoUpdate } from '../podman/auto-update.ts';
import { nameOf, projectContainers } from '../podman/podman.ts';

/** What home-manager and nixos-etc share: a wrapper around compose in ExecStart= and ExecStop=, and podman's own update. */
export const plainly: Pick<Imitation, 'up' | 'stop' | 'update'> = {
  up: (machine, unit) => eachOf(unit, project => up(machine, unit, project)),
  stop: (machine, unit) => eachOf(unit, project => stop(machine, unit, project)),
  update: autoUpdate,
};

/** Without a definition nothing can be run (facts.md F14). If one of several lines fails, those after it do not run. */
function eachOf({ runs }: Unit, run: (project: StackDeclaration) => Said): Said {
  for (const project of runs) {
    const said = run(project);
    if (said.status !== 0) return said;
  }
  return fine;
}

function up(machine: SimulatedMachine, unit: Unit, project: StackDeclaration): Said {
  const stack = stackOf(unit.name) as string;
  const refused = preflight(machine, unit.name, stack, project);
  if (refused !== null) return { status: 1, message: `preflight of ${unit.name}: ${refused}` };
  const run = { stack, project, marker: unit.marker ?? '' };
  return machine.provider === 'docker-compose' ? dockerUp(machine, run) : podmanComposeUp(machine, run);
}

/**
 * The wrapper's own checks: without them half a stack would be started if an env file is missing (facts-debian13, section 2).
 * Returns why it refuses; null if it does not.
 */
function preflight(
  machine: SimulatedMachine,
  unit: string,
  stack: string,
  { secrets }: StackDeclaration,
): string | null {
  const missing = secrets.find(secret => machine.secrets.missing.has(secret));
  if (missing !== undefined) return `required secret ${operatorHome}/secrets/${missing}.env is missing`;
  const strange = projectContainers(machine, stack).find(container => container.unit !== unit);
  if (strange === undefined) return null;
  return `container ${nameOf(machine, strange)} carries PODMAN_SYSTEMD_UNIT=${strange.unit}, expected ${unit}`;
}

function stop(machine: SimulatedMachine, unit: Unit, project: StackDeclaration): Said {
  const run = { stack: stackOf(unit.name) as string, project, marker: unit.marker ?? '' };
  return machine.provider === 'docker-compose' ? dockerStop(machine, run) : podmanComposeStop(machine, run);
}
