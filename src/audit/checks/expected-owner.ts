import { property } from '../facts.ts';
import type { AuditFinding } from '../finding.ts';
import type { StackUnit } from '../stack-units.ts';

/** The directories of the two owners between which units move (plan, W1). */
const directories = { 'home-manager': '/.config/systemd/user', 'nixos-etc': '/etc/systemd/user' } as const;

/** One of the owners, by its name in the hosts file. */
export type ExpectedOwner = keyof typeof directories;
export const expectedOwners = Object.keys(directories) as readonly ExpectedOwner[];

/**
 * Whether a unit is where it is to be in a migration: it is loaded from its owner's directory, and the other owner has no file of its
 * name. Before it, after it and after its rollback the question is the same, with the owner of that moment (plan, W2 and Rollback).
 */
export function ownerFindings({ name, files, loaded }: StackUnit, owner: ExpectedOwner): readonly AuditFinding[] {
  const isIn = (directory: string, which: ExpectedOwner): boolean =>
    which === 'nixos-etc' ? directory === directories[which] : directory.endsWith(directories[which]);
  const other = expectedOwners.find(each => each !== owner) as ExpectedOwner;
  const found: AuditFinding[] = [];
  const say = (subject: string, says: string): void => {
    found.push({ kind: 'ownership', severity: 'critical', unit: name, subject, says });
  };
  const fragment = property(loaded, 'FragmentPath');
  if (!files.some(({ directory }) => isIn(directory, owner))) say(name, `has no file of ${owner}, which is to own it`);
  for (const { path, directory } of files)
    if (isIn(directory, other)) say(path, `is of ${other}, though ${owner} is to be the only owner`);
  if (fragment !== '' && !isIn(fragment.slice(0, fragment.lastIndexOf('/')).replace(/^\/etc\/xdg\//, '/etc/'), owner))
    say(name, `is loaded from ${fragment}, which is not of ${owner}`);
  return found;
}
