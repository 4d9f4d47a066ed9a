import { stackOf, unitOf } from '../../../../../models/machine/search-path.ts';
import type { Manager, Said, SimulatedMachine } from '../../machine.ts';
import { networksRemoved } from '../../podman/resources.ts';
import type { Generation, UnitText } from '../../store.ts';
import { daemonReload, systemctl } from '../../systemd/systemd.ts';
import { verbTyped } from '../../systemd/verbs.ts';
import { removeProject, unusableSecrets } from './containers.ts';
import { goneUnits, switchPlan } from './plan.ts';

/** `switch-stacks`: a stack that is as declared is left alone; a stack that fails does not stop the others. */
export function switchStacks(machine: SimulatedMachine, manager: Manager, generation: Generation): Said {
  const said: string[] = [];
  let failed = false;
  const fail = (unit: string, why: string): void => {
    failed = true;
    said.push(`${unit}: ${why}`);
  };
  const start = ({ stack }: UnitText): void => {
    const unit = unitOf(stack);
    machine.reasons.delete(unit);
    if (idle.has(unit)) said.push(`${unit} did not run, and is started`);
    const { status, message } = systemctl(machine, 'restart', [unit]);
    if (status === 0) return;
    said.push(message);
    fail(unit, `${machine.reasons.get(unit) ?? 'it did not start'}, see journalctl --user -u ${unit}`);
  };

  const { stale, broken } = switchPlan(machine, manager, generation);
  const idle = new Set(
    stale
      .map(({ stack }) => unitOf(stack))
      .filter(unit => (manager.units.get(unit)?.active ?? 'inactive') === 'inactive'),
  );
  const gone = goneUnits(machine, manager, generation);
  systemctl(machine, 'stop', [...gone, ...stale.map(({ stack }) => unitOf(stack))]);
  for (const unit of gone) said.push(...removed(machine, unit));
  daemonReload(machine, manager);
  for (const text of stale) start(text);
  for (const { stack, project } of broken) {
    const faults = unusableSecrets(machine, project.secrets);
    if (faults.length > 0) fail(unitOf(stack), `its containers are not as declared, and the ${faults.join(', ')}`);
  }
  for (const text of broken) {
    if (failed) fail(unitOf(text.stack), 'left as it is, because of what has failed');
    else start(text);
  }
  return { status: failed ? 1 : 0, message: said.join('\n') };
}

/** Removes a stack with its containers and its network; a foreign container on that network goes on running without it. */
function removed(machine: SimulatedMachine, unit: string): readonly string[] {
  const stack = stackOf(unit) as string;
  verbTyped(machine, 'reset-failed', unit);
  removeProject(machine, stack);
  const guests = machine.networks.get(stack) ?? new Set();
  const networks = new Map(machine.networks);
  networks.delete(stack);
  machine.networks = networks;
  networksRemoved(machine, stack);
  return machine.containers
    .filter(({ id }) => guests.has(id))
    .map(({ name }) => `container ${name} hung on the network ${stack}_default, which goes with ${unit}`);
}
