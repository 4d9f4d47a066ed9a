import type { Inspected } from '../../hosts/real/observe/inspected.ts';
import type { ComposeService } from '../compose-file.ts';
import { type AuditFacts, property } from '../facts.ts';
import type { AuditFinding } from '../finding.ts';
import { composeConfigHash, composeServiceOf, type StackUnit } from '../stack-units.ts';

/** Whether containers are made from what the unit and its compose file say now, and from the image that their tag means now. */
export function freshnessFindings(unit: StackUnit, facts: AuditFacts): readonly AuditFinding[] {
  if (facts.podman === null) return [];
  const found: AuditFinding[] = [];
  const say = (subject: string, says: string): void => {
    found.push({ kind: 'freshness', severity: 'warning', unit: unit.name, subject, says });
  };
  const since = Number(property(unit.loaded, 'ActiveEnterTimestamp').replace(/^@/, ''));
  if (property(unit.loaded, 'ActiveState') === 'active' && since > 0) {
    // A second: systemd tells the moment in whole ones here.
    const later = (time: number): boolean => time > since + 1;
    for (const file of [...unit.files.slice(0, 1), ...unit.dropIns])
      if (file.kind === 'file' && later(file.modified) && !file.directory.startsWith('/usr/'))
        say(file.path, 'was changed after the unit was started: a restart makes it count');
    for (const path of unit.composePaths)
      if (later(facts.composeFiles.get(path)?.modified ?? 0))
        say(path, 'was changed after the unit was started: a restart makes it count');
  }
  for (const one of unit.containers) {
    const current = facts.podman.images.get(one.ImageName);
    if (current !== undefined && current !== one.Image)
      say(`container ${one.Name}`, `runs an older image than ${one.ImageName} is here now`);
    const service = composeServiceOf(one) ?? '';
    const declared = unit.compose?.services?.get(service);
    const changed = declared === undefined ? [] : outdated(one, declared);
    for (const what of changed)
      say(`container ${one.Name}`, `was made from another definition: ${what} is not as ${unit.compose?.path} has it`);
    const [hash, made] = [unit.hashes.get(service), composeConfigHash(one)];
    if (changed.length === 0 && hash !== undefined && made !== undefined && hash !== made)
      say(
        `container ${one.Name}`,
        `was made from another definition than ${unit.compose?.path} is now: docker compose's hash of it differs`,
      );
  }
  return found;
}

/** What of a container is not as its service declares it; values are not told, since they may be secrets. */
function outdated(one: Inspected, { image, environment, labels, restart }: ComposeService): readonly string[] {
  const variables = new Map((one.Config.Env ?? []).map(entry => entry.split(/=(.*)/s, 2) as [string, string]));
  const isOf = one.Config.Labels ?? {};
  const policy = one.HostConfig?.RestartPolicy?.Name || 'no';
  return [
    ...(image === undefined || isImage(one.ImageName, image) ? [] : ['the image']),
    ...[...environment]
      .filter(([key, value]) => (variables.get(key) ?? '') !== value)
      .map(([key]) => `variable ${key}`),
    ...[...labels]
      .filter(([key, value]) => key !== 'PODMAN_SYSTEMD_UNIT' && isOf[key] !== value)
      .map(([key]) => `label ${key}`),
    ...(restart === undefined || policy === restart.split(':')[0] ? [] : ['the restart policy']),
  ];
}

/** Whether a container's image is the one that a compose file names: short names are completed by podman. */
function isImage(is: string, named: string): boolean {
  if (is === named) return true;
  if (named.includes('@') || is.includes('@')) return is.split('@')[1] === named.split('@')[1];
  const tagged = /:[^/]*$/.test(named) ? named : `${named}:latest`;
  return is === tagged || is.endsWith(`/${tagged}`);
}
