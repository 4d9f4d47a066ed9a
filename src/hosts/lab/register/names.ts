import { Problem } from '../../../problem.ts';

/** Names become parts of paths, of cgroups, and of a host name, which must not end with a hyphen. */
const form = /^[a-z0-9](?:[a-z0-9-]{0,49}[a-z0-9])?$/;

/** Whether a machine may have this name. */
export const isName = (name: string): boolean => form.test(name);

/** Returns the name of a machine. @throws Problem if no machine may have it. */
export function machineName(name: string): string {
  if (isName(name)) return name;
  throw new Problem({
    expected: 'the name of a machine: 1 to 51 small letters, digits and hyphens, no hyphen first or last',
    found: JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name),
    where: 'lab',
    next: 'stackfuzz lab list shows the names there are; to boot one: stackfuzz lab up lab',
  });
}
