import { type Claim, Unable, type Updating } from '../../../models/host.ts';
import type { Container, Machine } from './machine.ts';
import { fullId } from './podman.ts';
import { noBus } from './systemd.ts';

/**
 * `podman auto-update --format json`, also as a dry run or as podman-auto-update.service, which says less. It never comes to look at the registry: containers made through the API have no
 * raw image name (facts.md F44), and podman-compose's pods have no infra container (facts-debian13 F94). Without a
 * running labelled container there is nothing to fail on.
 */
export function autoUpdate(machine: Machine, how: Updating): Claim {
  if (how === 'own-unit') throw new Unable('the profile has no update unit of its own');
  if (how === 'service') return byService(machine);
  const labelled = machine.containers.filter(one => one.autoUpdate && seemsToRun(one));
  if (labelled.length === 0) return { ok: true, status: 0, message: '', updates: [] };
  const errors = labelled.map(one =>
    machine.provider === 'docker-compose'
      ? `locally auto-updating container "${fullId(one)}": raw-image name is empty`
      : "looking up pod's systemd unit: pod has no infra container: no such container",
  );
  const [first = ''] = errors;
  const listed = errors.map(error => `\t* ${error}`).join('\n');
  const message = errors.length === 1 ? `Error: ${first}` : `Error: ${errors.length} errors occurred:\n${listed}`;
  return { ok: false, status: 125, message, updates: [] };
}

/** Podman takes for running what it has lost hold of (facts-debian13 F84, F86). */
const seemsToRun = ({ state }: Container): boolean => state === 'running' || state === 'unwatched' || state === 'dead';

/** Through podman-auto-update.service, which Debian ships: systemctl says that it failed, and the journal why. */
function byService(machine: Machine): Claim {
  const service = 'podman-auto-update.service';
  if (machine.manager === null) return { ...noBus, ok: false, updates: [] };
  const claim = autoUpdate(machine, 'command');
  if (claim.ok) return claim;
  machine.log.push(`${service}: ${claim.message}`);
  const details = `See "systemctl --user status ${service}" and "journalctl --user -xeu ${service}" for details.`;
  const job = `Job for ${service} failed because the control process exited with error code.`;
  const message = [claim.message, job, details].join('\n');
  return { ok: false, status: 1, message, updates: [] };
}
