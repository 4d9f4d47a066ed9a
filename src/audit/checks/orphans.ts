import type { Inspected } from '../../hosts/real/observe/inspected.ts';
import type { AuditFacts, PodmanResource } from '../facts.ts';
import type { AuditFinding } from '../finding.ts';
import { composeProjectOf, composeServiceOf, type StackUnit } from '../stack-units.ts';

/** Containers, networks, pods, volumes and timers that belong to no unit. */
export function orphanFindings(
  units: readonly StackUnit[],
  { podman, timers, pids }: AuditFacts,
): readonly AuditFinding[] {
  if (podman === null) return [];
  const found: AuditFinding[] = [];
  const say = (subject: string, says: string, unit: string | null = null): void => {
    found.push({ kind: 'orphan', severity: 'warning', unit, subject, says });
  };
  const projects = new Set(units.map(({ project }) => project));
  const names = new Set(units.map(({ name }) => name));
  const owned = new Set(units.flatMap(({ containers }) => containers.map(({ Id }) => Id)));
  const real = podman.containers.filter(({ IsInfra }) => !IsInfra);
  for (const one of real) if (!owned.has(one.Id)) say(`container ${one.Name}`, whose(one));
  for (const unit of units) {
    for (const one of unit.containers) {
      const service = composeServiceOf(one);
      const declared = unit.compose?.services;
      if (service !== null && declared != null && !declared.has(service))
        say(`container ${one.Name}`, `is of service ${service}, which ${unit.compose?.path} does not have`, unit.name);
    }
    for (const [service, { scale }] of unit.compose?.services ?? []) {
      const its = unit.containers.filter(one => composeServiceOf(one) === service);
      if (its.length > (scale ?? 1))
        say(
          `${unit.project}/${service}`,
          `has ${its.length} containers, ${its.length - (scale ?? 1)} too many: ${its.map(({ Name }) => Name).join(', ')}`,
          unit.name,
        );
    }
  }
  const belongs = ({ labels, containers }: PodmanResource): boolean => {
    const project = labels['com.docker.compose.project'] ?? labels['io.podman.compose.project'];
    const unit = labels.PODMAN_SYSTEMD_UNIT;
    if (project === undefined && (unit === undefined || /^podman-compose@/.test(unit)))
      return containers.length === 0 || containers.some(id => owned.has(id) || isInfra(id));
    return (project !== undefined && projects.has(project)) || (unit !== undefined && names.has(unit));
  };
  const isInfra = (id: string): boolean => podman.containers.some(({ Id, IsInfra }) => Id === id && IsInfra);
  for (const one of podman.networks) if (!belongs(one)) say(`network ${one.name}`, 'belongs to no unit');
  for (const one of podman.pods) if (!belongs(one) || isDeserted(one)) say(`pod ${one.name}`, 'belongs to no unit');
  for (const one of podman.volumes) if (!belongs(one)) say(`volume ${one.name}`, 'belongs to no unit');
  const running = new Set(
    podman.containers.filter(({ State }) => State.Status === 'running' && pids.has(State.Pid ?? 0)).map(({ Id }) => Id),
  );
  for (const timer of timers)
    if (!running.has(timer.slice(0, 64)))
      say(`timer ${timer.slice(0, 12)}…`, 'checks the health of a container that does not run');
  return found;

  /** podman-compose's pods have no label of their project: by their name, where nothing is in them. */
  function isDeserted({ name, labels, containers }: PodmanResource): boolean {
    const project = /^pod_(.+)$/.exec(name)?.[1];
    return (
      project !== undefined &&
      labels['com.docker.compose.project'] === undefined &&
      labels['io.podman.compose.project'] === undefined &&
      !projects.has(project) &&
      !containers.some(id => owned.has(id))
    );
  }
}

function whose(one: Inspected): string {
  const project = composeProjectOf(one);
  const unit = one.Config.Labels?.PODMAN_SYSTEMD_UNIT;
  if (project !== null) return `is of project ${project}, which no unit runs`;
  return unit === undefined ? 'belongs to no unit' : `names the unit ${unit}, which there is not`;
}
