import type { StackDeclaration } from '../../../../../models/machine/declaration.ts';
import { stackOf } from '../../../../../models/machine/search-path.ts';
import { dockerUp } from '../../compose/docker-compose.ts';
import { podmanComposeUp } from '../../compose/podman-compose.ts';
import { fine, type Manager, type Said, type SimulatedMachine, type Unit } from '../../machine.ts';
import { pulled } from '../../podman/podman.ts';
import { networksRemoved } from '../../podman/resources.ts';
import { shown } from '../../systemd/systemd.ts';
import { definitionOf, removeProject, stopProject, unusableSecrets, wrongContainers } from './containers.ts';
import { declaredIn, notLoaded } from './definition.ts';

/** `stack check`, then `stack up` for each ExecStart= line; if one fails, ExecStopPost= runs `stack stop`. */
export function up(machine: SimulatedMachine, unit: Unit): Said {
  const stack = stackOf(unit.name) as string;
  const said = machine.manager === null ? fine : (stale(machine, machine.manager, unit) ?? runs(machine, unit, stack));
  if (said.status === 0) return fine;
  stopProject(machine, stack);
  if (said.hangs) return said;
  // `fail`: prints to whoever started the unit, and to the journal with the unit's name.
  machine.reasons.set(unit.name, said.message);
  return { ...said, message: `${unit.name}: ${said.message}` };
}

/** The keeper's stop, which also runs if the unit's definition is gone (facts.md F14). */
export function stop(machine: SimulatedMachine, unit: Unit): Said {
  stopProject(machine, stackOf(unit.name) as string);
  return fine;
}

/** `check_definition`. It calls `systemctl show`, after which systemd keeps the unit's UnitFileState. */
function stale(machine: SimulatedMachine, manager: Manager, unit: Unit): Said | null {
  shown(machine, manager, unit.name);
  const changed = notLoaded(machine, manager, unit);
  if (changed.length === 0) return null;
  return failed(
    `${changed.join(' ')} changed on disk and is not loaded: look at it, then systemctl --user daemon-reload`,
  );
}

const failed = (message: string): Said => ({ status: 1, message });

function runs(machine: SimulatedMachine, unit: Unit, stack: string): Said {
  for (const project of unit.runs) {
    const said = upBy(machine, unit, stack, project);
    if (said.status !== 0) return said;
  }
  return fine;
}

/** `stack up`: checks secrets, creates the containers anew, then looks at them; after a later failure none is left. */
function upBy(machine: SimulatedMachine, unit: Unit, stack: string, project: StackDeclaration): Said {
  machine.reasons.delete(unit.name);
  const declared = declaredIn(machine, unit);
  const faults = unusableSecrets(machine, declared?.secrets ?? []);
  if (faults.length > 0) return failed(faults.join(', '));
  const definition = definitionOf(unit.revision, unit.marker, project);
  const missing = machine.provider === 'podman-compose' ? notPulled(machine, project) : undefined;
  if (missing !== undefined) return failed(`the image ${missing} cannot be pulled`);
  // Foreign containers on them are attached to the new ones afterwards.
  networksRemoved(machine, stack, true);
  removeProject(machine, stack);
  const run = { stack, project, marker: unit.marker ?? '', definition };
  const said = (machine.provider === 'docker-compose' ? dockerUp : podmanComposeUp)(machine, run);
  if (said.hangs) return said;
  const why =
    said.status === 0
      ? awaited(machine, stack, declared, definition)
      : `podman compose up ended with an error: ${said.message.split('\n').at(-1)}`;
  if (why === '') return fine;
  removeProject(machine, stack);
  return failed(why);
}

/** podman-compose does not pull an image that exists (facts-debian13 F80), whatever `pull_policy` says. */
const notPulled = (machine: SimulatedMachine, { services }: StackDeclaration): string | undefined =>
  Object.values(services).find(({ tag, pull }) => pull !== undefined && !pulled(machine, tag, true))?.tag;

/** `await`: no time passes in the simulator, so a container that is `starting` now stays so. */
const awaited = (
  machine: SimulatedMachine,
  stack: string,
  declared: StackDeclaration | null,
  definition: string,
): string => (declared === null ? '' : wrongContainers(machine, stack, declared, definition, true).join(', '));
