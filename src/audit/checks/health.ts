import { stateOf } from '../../hosts/real/observe/containers.ts';
import type { Inspected } from '../../hosts/real/observe/inspected.ts';
import { type AuditFacts, property } from '../facts.ts';
import type { AuditFinding } from '../finding.ts';
import { composeServiceOf, type StackUnit } from '../stack-units.ts';

/** Whether a unit runs, and every one of its containers. */
export function healthFindings(unit: StackUnit, facts: AuditFacts): readonly AuditFinding[] {
  if (facts.podman === null) return [];
  const found: AuditFinding[] = [];
  const say = (subject: string, says: string): void => {
    found.push({ kind: 'health', severity: 'critical', unit: unit.name, subject, says });
  };
  const active = property(unit.loaded, 'ActiveState');
  const isWanted = unit.wants.length > 0 || unit.declaredBy.length > 0;
  if (active === 'failed') say(unit.name, `has failed (${property(unit.loaded, 'Result')})`);
  else if (active !== 'active' && active !== 'reloading' && isWanted)
    say(unit.name, `is ${active === '' ? 'not loaded' : active}, though it is meant to run`);
  const isUp = active === 'active';
  if (!isUp && unit.containers.some(one => stateOf(one.State, facts.pids) === 'running') && active !== 'activating')
    say(unit.name, `is ${active}, and yet some of its containers run`);
  if (!isUp) return found;
  if (unit.compose?.trouble) say(unit.compose.path, `cannot be read: ${unit.compose.trouble}`);
  const services = unit.compose?.services;
  for (const [name, service] of services ?? []) {
    if (service.optional || service.scale === 0) continue;
    if (!unit.containers.some(one => composeServiceOf(one) === name))
      say(`${unit.project ?? unit.name}/${name}`, `has no container, though ${unit.compose?.path} has the service`);
  }
  for (const one of unit.containers) {
    const says = wrong(one, services?.get(composeServiceOf(one) ?? '')?.completes === true, facts);
    if (says !== null) say(`container ${one.Name}`, says);
  }
  return found;
}

/** Seconds that an image's first start may take before its health counts, on top of what its healthcheck says. */
const grace = 10;

function wrong(one: Inspected, completes: boolean, { pids, clock }: AuditFacts): string | null {
  const { State, Config } = one;
  const state = stateOf(State, pids);
  if (state === 'exited' && completes && State.ExitCode === 0) return null;
  if (state === 'unwatched') return 'runs without its monitor (conmon): podman will not notice its end';
  if (state === 'dead') return 'is dead, though podman takes it for running';
  if (state === 'exited') return `has ended with status ${State.ExitCode ?? '(unknown)'}`;
  if (state !== 'running') return `is ${state}`;
  const said = State.Health?.Status ?? '';
  if (said === 'unhealthy') return 'is unhealthy';
  if (said !== 'starting') return null;
  const { Interval = 30e9, Timeout = 30e9, Retries = 3, StartPeriod = 0 } = Config.Healthcheck ?? {};
  const seconds = (StartPeriod + (Retries + 1) * (Interval + Timeout)) / 1e9 + grace;
  const since = clock - Date.parse(State.StartedAt) / 1000;
  return since > seconds ? `has been starting for ${Math.round(since)} s, and should know better by now` : null;
}
