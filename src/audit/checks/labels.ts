import type { AuditFacts } from '../facts.ts';
import type { AuditFinding } from '../finding.ts';
import type { StackUnit } from '../stack-units.ts';

/** Whether containers name the unit that runs them: auto-update restarts the one that they name (facts.md F41). */
export function labelFindings(unit: StackUnit, _facts: AuditFacts): readonly AuditFinding[] {
  return unit.containers.flatMap(({ Name, Config }): readonly AuditFinding[] => {
    const named = Config.Labels?.PODMAN_SYSTEMD_UNIT;
    const update = Config.Labels?.['io.containers.autoupdate'];
    if (named === unit.name) return [];
    const isUpdated = update !== undefined && update !== 'disabled';
    if (named === undefined && !isUpdated) return [];
    const then = isUpdated ? 'podman auto-update' : 'whoever goes by the label';
    const says =
      named === undefined
        ? 'is to be updated, and names no unit (PODMAN_SYSTEMD_UNIT): podman auto-update fails'
        : `names ${named} as its unit (PODMAN_SYSTEMD_UNIT): ${then} restarts that one`;
    return [{ kind: 'labels', severity: 'warning', unit: unit.name, subject: `container ${Name}`, says }];
  });
}
