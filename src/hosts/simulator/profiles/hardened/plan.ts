import { stackOf, unitOf } from '../../../../../models/machine/search-path.ts';
import type { Manager, SimulatedMachine } from '../../machine.ts';
import type { Generation, UnitText } from '../../store.ts';
import { forget, shown } from '../../systemd/systemd.ts';
import { definitionOf, wrongContainers } from './containers.ts';

/** What `plan` finds: units that do not run by their definition, and units whose containers are not as declared. */
export interface SwitchPlan {
  readonly stale: readonly UnitText[];
  readonly broken: readonly UnitText[];
}

/** The unit files of a generation, in the order of their names. */
const unitsOf = ({ files }: Generation): readonly UnitText[] =>
  [...files.values()].map(({ text }) => text).filter(text => text.kind === 'unit');

/** `plan`: the manager is asked for every unit, so it looks for those that it does not know. */
export function switchPlan(machine: SimulatedMachine, manager: Manager, generation: Generation): SwitchPlan {
  const stale: UnitText[] = [];
  const broken: UnitText[] = [];
  for (const text of unitsOf(generation)) {
    if (!runsBy(machine, manager, text)) stale.push(text);
    else if (isBroken(machine, text)) broken.push(text);
  }
  return { stale, broken };
}

function runsBy(machine: SimulatedMachine, manager: Manager, { stack, revision, marker }: UnitText): boolean {
  const unit = shown(machine, manager, unitOf(stack));
  const isSame = unit.revision === revision && unit.marker === marker;
  const runs = unit.active === 'active' && unit.load === 'loaded' && isSame;
  forget(manager, unit);
  return runs;
}

const isBroken = (machine: SimulatedMachine, { stack, revision, marker, project }: UnitText): boolean =>
  wrongContainers(machine, stack, project, definitionOf(revision, marker, project)).length > 0;

/**
 * `gone`: units of stacks that the generation does not have: those of the generation before, and those of which something is
 * left: a unit in memory, containers, a network.
 */
export function goneUnits(
  { containers, networks, home }: SimulatedMachine,
  manager: Manager,
  generation: Generation,
): readonly string[] {
  const left = new Set(home?.files.keys() ?? []);
  for (const network of networks.keys()) left.add(unitOf(network));
  for (const { name, active } of manager.units.values()) if (active !== 'inactive') left.add(name);
  for (const { stack, unit, definition } of containers) {
    if (stack !== '' && (definition !== '' || unit === unitOf(stack))) left.add(unitOf(stack));
  }
  return [...left].filter(name => stackOf(name) !== null && !generation.files.has(name)).sort();
}
