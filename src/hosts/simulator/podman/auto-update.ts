import { type Claim, Unable, type UpdateReport, type Updating } from '../../../../models/host.ts';
import { tellingLine, withFailure } from '../../../../models/machine/cause.ts';
import { type Container, joined, type SimulatedMachine } from '../machine.ts';
import { noBus } from '../systemd/systemd.ts';
import { fullId, isUp, nameOf } from './podman.ts';

/**
 * `podman auto-update --format json`, also as a dry run, and through podman-auto-update.service, which prints less. It does not
 * ask the registry about containers that a provider made: those made through the API have no raw image name (facts.md F44), and
 * podman-compose's pods have no infra container (facts-debian13 F94). Without a running container that has the label nothing
 * can fail.
 */
export function autoUpdate(machine: SimulatedMachine, how: Updating): Claim {
  if (how === 'own-unit') throw new Unable('the profile has no update unit of its own');
  if (how === 'service') return byService(machine);
  const labelled = machine.containers.filter(one => one.autoUpdate && isUp(one));
  if (labelled.length === 0) return { ok: true, status: 0, message: '' };
  const updates = labelled.filter(({ handMade }) => handMade).map(one => reportOn(machine, one, how));
  const errors = labelled.flatMap(one => faultOf(machine, one, how));
  const report = updates.length > 0 ? JSON.stringify(updates) : '';
  const list = updates.length > 0 && { updates };
  if (errors.length === 0) return { ok: true, status: 0, message: report, ...list };
  const [first = ''] = errors;
  const listed = errors.map(error => `\t* ${error}`).join('\n');
  const message = errors.length === 1 ? `Error: ${first}` : `Error: ${errors.length} errors occurred:\n${listed}`;
  return { ok: false, status: 125, message: joined(report, message), ...list };
}

/** The build that a tag stands for in the registry; null if the registry is down. */
const inRegistry = ({ registry, registryUp }: SimulatedMachine, tag: string): string | undefined =>
  registryUp ? registry.get(tag) : undefined;

/** Why podman fails on a container. It can update one that was run by hand, if the unit exists that its label names. */
function faultOf(machine: SimulatedMachine, one: Container, how: Updating): readonly string[] {
  if (one.handMade) {
    const version = inRegistry(machine, one.imageName);
    if (version === undefined)
      return [`checking image updates for container ${fullId(one)}: localhost:5000/probe:${one.imageName}`];
    return version === one.image || how === 'dry-run'
      ? []
      : [`restarting unit ${one.unit}: Unit ${one.unit} not found.`];
  }
  return machine.provider === 'docker-compose'
    ? [`locally auto-updating container "${fullId(one)}": raw-image name is empty`]
    : ["looking up pod's systemd unit: pod has no infra container: no such container"];
}

function reportOn(machine: SimulatedMachine, one: Container, how: Updating): UpdateReport {
  const isNew = inRegistry(machine, one.imageName) !== one.image;
  const updated = isNew ? (how === 'dry-run' ? 'pending' : 'failed') : 'false';
  return { unit: one.unit, container: nameOf(machine, one), updated };
}

/** Through podman-auto-update.service, which Debian ships: systemctl says that it failed, the journal says why. */
function byService(machine: SimulatedMachine): Claim {
  const service = 'podman-auto-update.service';
  if (machine.manager === null) return { ...noBus, ok: false };
  const { updates: _, ...claim } = autoUpdate(machine, 'command');
  if (claim.ok) return claim;
  machine.log.push(`${service}: ${claim.message}`);
  const says = tellingLine(claim.message.split('\n'), claim.status);
  machine.failed = withFailure(machine.failed, { unit: service, manager: 'user', says });
  const details = `See "systemctl --user status ${service}" and "journalctl --user -xeu ${service}" for details.`;
  const job = `Job for ${service} failed because the control process exited with error code.`;
  const message = [claim.message, job, details].join('\n');
  return { ok: false, status: 1, message };
}
