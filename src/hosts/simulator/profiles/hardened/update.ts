import type { Claim, UpdateReport, Updating } from '../../../../../models/host.ts';
import { tellingLine, withFailure } from '../../../../../models/machine/cause.ts';
import { unitOf } from '../../../../../models/machine/search-path.ts';
import { type Container, joined, type Manager, type SimulatedMachine } from '../../machine.ts';
import { isUp, nameOf } from '../../podman/podman.ts';
import { noBus, shown, systemctl } from '../../systemd/systemd.ts';
import { unusableSecrets } from './containers.ts';
import { declaredIn, notLoaded } from './definition.ts';

const own = 'podman-auto-update.service';
const image = (tag: string): string => `localhost:5000/probe${tag.startsWith('@') ? tag : `:${tag}`}`;

/** `stack/update`: as a command, as a dry run, or through the unit that replaces podman-auto-update.service. */
export function update(machine: SimulatedMachine, how: Updating): Claim {
  const { manager } = machine;
  if (manager === null) return { ...noBus, ok: false, updates: [] };
  const { failed, said, updates } = updated(machine, manager, how);
  const report = JSON.stringify(updates);
  const message = joined(report, ...said);
  if (!failed) return { ok: true, status: 0, message, updates };
  if (how === 'command' || how === 'dry-run' || how === 'full-disk') return { ok: false, status: 1, message, updates };
  machine.log.push(...said);
  machine.failed = withFailure(machine.failed, { unit: own, manager: 'user', says: tellingLine(said, 1) });
  const details = `See "systemctl --user status ${own}" and "journalctl --user -xeu ${own}" for details.`;
  const job = `Job for ${own} failed because the control process exited with error code.\n${details}`;
  return { ok: false, status: 1, message: joined(message, job), updates };
}

/** A container that asks for updates, as podman lists it. */
interface Follower {
  readonly container: Container;
  readonly unit: string;
  readonly name: string;
  readonly key: string;
  readonly tag: string;
  readonly is: string;
}

const running = (machine: SimulatedMachine): readonly Follower[] =>
  machine.containers
    .filter(one => one.autoUpdate && isUp(one))
    .map(container => {
      const { stack, key, tag, image: is } = container;
      return { container, unit: unitOf(stack), name: nameOf(machine, container), key, tag, is };
    });

interface Outcome {
  readonly failed: boolean;
  readonly said: readonly string[];
  readonly updates: readonly UpdateReport[];
}

/** Either all of them run the new images, or none: after any failure every tag is put back. */
function updated(machine: SimulatedMachine, manager: Manager, how: Updating): Outcome {
  const tagged = (tag: string, version: string): void => {
    machine.images = new Map(machine.images).set(tag, version);
  };
  const before = running(machine);
  const old = new Map<string, string | undefined>();
  const fresh = new Map<string, string>();
  const came = new Map<string, string>();
  const said: string[] = [];
  const fail = (why: string): void => void said.push(`update: ${why}`);
  const ended = (): Outcome => ({
    failed: said.length > 0,
    said,
    updates: before.map(({ unit, name }) => ({ unit, container: name, updated: came.get(unit) ?? 'false' })),
  });
  const putBack = (except: readonly string[] = []): void => {
    for (const [tag, version] of old) if (version !== undefined && !except.includes(tag)) tagged(tag, version);
  };
  for (const { tag, is } of before) {
    if (fresh.has(tag)) continue;
    if (tag.startsWith('@')) {
      fresh.set(tag, is);
      continue;
    }
    old.set(tag, machine.images.get(tag));
    const version = machine.registryUp ? machine.registry.get(tag) : undefined;
    // Podman makes a directory in /var/tmp for everything that it pulls (facts.md F211).
    if (version === undefined || how === 'full-disk') {
      fail(`${image(tag)} cannot be pulled`);
      said.push('stackfuzz: refused');
      putBack();
      return ended();
    }
    tagged(tag, version);
    fresh.set(tag, version);
  }
  const units = [...new Set(before.filter(({ tag, is }) => is !== fresh.get(tag)).map(({ unit }) => unit))];
  for (const unit of units) said.push(...faultsOf(machine, manager, unit));
  if (said.length > 0) said.push('stackfuzz: refused');
  if (said.length > 0 || how === 'dry-run' || units.length === 0) {
    if (said.length === 0) for (const unit of units) came.set(unit, 'pending');
    putBack();
    return ended();
  }
  const runsNew = (unit: string): boolean => {
    const now = running(machine);
    const isThere = ({ key, tag }: Follower) =>
      now.some(one => one.unit === unit && one.key === key && one.tag === tag && one.is === fresh.get(tag));
    return before.filter(one => one.unit === unit).every(isThere);
  };
  putBack(before.filter(({ unit }) => units.includes(unit)).map(({ tag }) => tag));
  const tried: string[] = [];
  for (const unit of units) {
    tried.push(unit);
    came.set(unit, 'true');
    const restarted = systemctl(machine, 'restart', [unit]);
    if (restarted.status === 0 && runsNew(unit)) continue;
    if (restarted.message !== '') said.push(restarted.message);
    fail(`${unit} does not run with the new image`);
    break;
  }
  if (said.length > 0) {
    putBack();
    for (const unit of tried) {
      const again = systemctl(machine, 'restart', [unit]);
      came.set(unit, again.status === 0 ? 'rolled back' : 'failed');
      if (again.message !== '') said.push(again.message);
      if (again.status === 0) said.push(`stackfuzz: rolled-back ${unit}`);
      fail(`${unit}: ${came.get(unit)}`);
    }
  }
  return ended();
}

/** Why a unit could not start again; then it is not stopped. */
function faultsOf(machine: SimulatedMachine, manager: Manager, name: string): readonly string[] {
  const unit = shown(machine, manager, name);
  if (unit.load !== 'loaded') return [`update: ${name} is ${unit.load}`];
  const stale = notLoaded(machine, manager, unit);
  const changed = `update: ${name}: ${stale.join(' ')} changed on disk and is not loaded: systemctl --user daemon-reload`;
  const faults = unusableSecrets(machine, declaredIn(machine, unit)?.secrets ?? []);
  return [
    ...(stale.length > 0 ? [`stackfuzz: stale ${name}`, changed] : []),
    ...(faults.length > 0 ? [`update: ${name}: ${faults.join(', ')}`] : []),
  ];
}
