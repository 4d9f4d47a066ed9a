import { needingJobs } from '../../../../../models/machine/own-stack.ts';
import type { Imitation } from '../../machine.ts';
import { absolute, joined, operatorHome, type Said, type SimulatedMachine } from '../../machine.ts';
import type { Generation } from '../../store.ts';
import { put } from '../../systemd/disk.ts';
import { owned, type PathRole, pathOf } from '../../systemd/unit-paths.ts';
import { startManager, stopManager } from '../../systemd/user-manager.ts';
import { blamed } from '../home-manager.ts';
import { readOnly } from '../read-only.ts';
import { otherVolumes, unusableSecrets } from './containers.ts';
import { driftBeside, notOurs, setAside } from './drift.ts';
import { switchPlan } from './plan.ts';
import { switchStacks } from './switch-stacks.ts';
import { update } from './update.ts';
import { stop, up } from './wrapper.ts';

/** Every rebuild runs the activation and prints its messages; then it prints what nixos-rebuild prints. */
function switchTo(machine: SimulatedMachine, generation: Generation, before: string): Said {
  if (machine.isEtcReadOnly) return readOnly(before);
  const { status, message } = activate(machine, generation);
  machine.log.push(message);
  if (status === 0) return { status, message: joined(message, before) };
  const unit = 'home-manager-homelab.service';
  blamed(machine, unit, message);
  const failed = [
    `Job for ${unit} failed because the control process exited with error code.`,
    `See "systemctl status ${unit}" and "journalctl -xeu ${unit}" for details.`,
    `warning: the following units failed: ${unit}`,
  ];
  return { status: 4, message: joined(message, before, ...failed) };
}

/** `activate`: the steps that may refuse come first, and change nothing; the steps after them are always completed. */
function activate(machine: SimulatedMachine, generation: Generation): Said {
  const said = ['Activating check-link-targets', 'Activating check-stacks'];
  const refused = refusal(machine, generation);
  if (refused !== null || machine.manager === null) return { status: 1, message: joined(...said, refused ?? '') };
  said.push('Activating set-aside', ...setAside(machine, generation));
  said.push('Activating link-generation', ...linked(machine, generation));
  const { status, message } = switchStacks(machine, machine.manager, generation);
  said.push('Activating switch-stacks', message);
  machine.home = generation;
  return { status, message: joined(...said) };
}

/** `check-stacks`: why it refuses; null if it does not. */
function refusal(machine: SimulatedMachine, generation: Generation): string | null {
  const refuse = (...why: readonly string[]): string =>
    ['stackfuzz: refused', ...why.map(line => `refused, and nothing was touched: ${line}`)].join('\n');
  const { manager } = machine;
  if (manager === null) return refuse('the user manager is down; systemctl start user@1500.service');
  const drift = driftBeside(machine, generation);
  const foreign = drift.find(notOurs);
  if (foreign !== undefined) {
    return refuse(`${absolute(pathOf(foreign))} is not this generation's, nor its to take away; move it away`);
  }
  for (const { text } of generation.files.values()) {
    if (text.kind !== 'unit') continue;
    const [fault] = otherVolumes(machine, text.stack, text.project);
    if (fault !== undefined) return refuse(`${text.stack}-stack.service: ${fault}`);
  }
  for (const { text } of generation.files.values()) {
    if (text.kind !== 'unit' || machine.provider !== 'podman-compose') continue;
    const [needed] = needingJobs(text.project);
    if (needed === undefined) continue;
    const [service, job] = needed;
    return refuse(
      `${text.stack}-stack.service: ${service} waits for the job ${job} to run, and podman-compose never sees that: let it wait for the end (condition: service_completed_successfully)`,
    );
  }
  if (drift.length === 0) return null;
  const { stale, broken } = switchPlan(machine, manager, generation);
  for (const { stack, project } of [...stale, ...broken]) {
    const faults = unusableSecrets(machine, project.secrets);
    if (faults.length > 0) {
      const why = `${stack}-stack.service: ${faults.join(', ')}`;
      return refuse(why, ...drift.map(location => `${absolute(pathOf(location))} has drifted`));
    }
  }
  return null;
}

const roles: readonly PathRole[] = ['unit', 'wants'];

/** `link-generation`: links that only the old generation has are removed already; every link is made anew. */
function linked({ disk, home: old }: SimulatedMachine, generation: Generation): readonly string[] {
  for (const unit of generation.files.keys()) {
    for (const role of roles) put(disk, { unit, role, rank: owned }, { kind: 'generation', generation });
  }
  return [
    ...(old === null ? [] : [`Cleaning up orphan links from ${operatorHome}`]),
    `Creating home file links in ${operatorHome}`,
  ];
}

/** After the boot every start creates its containers anew. */
function bootedSince(machine: SimulatedMachine): void {
  stopManager(machine);
  startManager(machine);
}

/** Home Manager owns the units; every rebuild, start and update is checked: src/profiles/hardened. */
export const hardened: Imitation = { switchTo, installed: () => {}, bootedSince, booted: () => {}, up, stop, update };
