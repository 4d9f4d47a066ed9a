import { type Claim, type Levers, Unable } from '../../../models/host.ts';
import { innermost } from '../../../models/machine/cause.ts';
import { withOutcomes } from '../../../models/machine/outcome.ts';
import { notSimulated, rebuildNeed } from '../../../models/role.ts';
import { afterFault } from './faults.ts';
import type { Said, SimulatedMachine } from './machine.ts';
import { rebuild, rollback } from './owner/rebuild.ts';
import { doneBeside } from './podman/beside.ts';
import { handled, withContainerAdded, withHealth } from './podman/by-hand.ts';
import { handSecret, publish } from './registry-and-secrets.ts';
import { place } from './systemd/place.ts';
import { startManager, stopManager } from './systemd/user-manager.ts';
import { verbTyped } from './systemd/verbs.ts';

/** Levers that return at once, without a promise. */
export type LeversAtOnce = {
  readonly [Name in keyof Levers]: (...args: Parameters<Levers[Name]>) => Awaited<ReturnType<Levers[Name]>>;
};

/** The machine on which levers act, and the length of its log after the last lever. */
export interface UnderTest {
  machine: SimulatedMachine;
  noticed: number;
}

const claimed = ({ status, message }: Said): Claim => ({ ok: status === 0, status, message });
const handMade: Claim = { ok: true, status: 0, message: '' };

/** The levers of the machine that is under test now. */
export function leversOf(now: UnderTest): LeversAtOnce {
  /** Every lever goes through here, so that the log (and the evidence) shows what was done. */
  const noted = (title: string, said: Claim): Claim => {
    const claim = withOutcomes(said);
    const { log } = now.machine;
    const news = claim.ok ? '' : log.slice(now.noticed).join('\n');
    log.push(`### ${title}: exit ${claim.status}`);
    if (claim.message !== '') log.push(claim.message);
    now.noticed = log.length;
    const cause = claim.ok ? null : innermost(now.machine.failed);
    now.machine.failed = [];
    // Not `{ ...claim, … }`, for V8's sake (models/world.ts, laidOut).
    return claim.ok ? claim : Object.assign({}, claim, { log: news }, cause !== null && { cause });
  };
  return {
    rebuild(declaration, mode = 'plain') {
      if (mode !== 'plain') throw new Unable(`no rebuild ${mode} here: ${notSimulated[rebuildNeed(mode)]}`);
      return noted(`rebuild revision ${declaration.revision}`, claimed(rebuild(now.machine, declaration)));
    },
    rollback(interruptedFor) {
      if (interruptedFor !== undefined)
        throw new Unable(`no such rollback here: ${notSimulated['rollback interrupted']}`);
      return noted('rollback', claimed(rollback(now.machine)));
    },
    systemctl: (verb, unit) =>
      noted(
        `systemctl --user ${verb}${unit === undefined ? '' : ` ${unit}`}`,
        claimed(verbTyped(now.machine, verb, unit ?? '')),
      ),
    manager: action =>
      noted(
        `systemctl ${action} user@1500.service`,
        claimed((action === 'stop' ? stopManager : startManager)(now.machine)),
      ),
    place(path, what) {
      place(now.machine, path, what);
      return noted(`put ${what.kind} at ${path}`, handMade);
    },
    container: (action, stack, service) =>
      noted(`podman ${action} ${stack}/${service}`, claimed(handled(now.machine, action, stack, service))),
    addContainer(kind, stack) {
      withContainerAdded(now.machine, kind, stack);
      return noted(`run a ${kind} container on ${stack}`, handMade);
    },
    podman: what => noted(`podman ${Object.values(what).join(' ')}`, claimed(doneBeside(now.machine, what))),
    orphanTimer() {
      now.machine.strayTimers = [...now.machine.strayTimers, 'CONTAINER-ID.timer'];
      return noted('leave a health timer behind', handMade);
    },
    health(stack, service, state) {
      withHealth(now.machine, stack, service, state === 'unhealthy');
      return noted(`make ${stack}/${service} ${state}`, handMade);
    },
    registry(action) {
      now.machine.registryUp = action === 'start';
      return noted(`${action} the registry`, handMade);
    },
    machine: fault => noted(`bring about: ${fault}`, claimed(afterFault(now.machine, fault))),
    publish(tag, version) {
      publish(now.machine, tag, version);
      return noted(version === null ? `take ${tag} out` : `push ${version} as ${tag}`, handMade);
    },
    autoUpdate(how = 'command') {
      if (how === 'interrupted') throw new Unable(`no such update here: ${notSimulated['autoUpdate interrupted']}`);
      return noted(`auto-update by ${how}`, now.machine.imitation.update(now.machine, how));
    },
    shell() {
      throw new Unable(`no shell here: ${notSimulated.shell}`);
    },
    secret(name, state) {
      handSecret(now.machine, name, state);
      return noted(`make the secret ${name} ${state}`, handMade);
    },
  };
}
