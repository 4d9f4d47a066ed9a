import { join } from 'node:path';
import { type BootOptions, bootOn, type LabMachine } from './machine/machine.ts';
import { machineName } from './register/names.ts';
import { buildRoot } from './root/build.ts';
import type { Suite } from './root/recipe.ts';
import { groundOf, type Snapshot } from './snapshot.ts';

/** Boots a machine on a snapshot, or on the plain root of a suite, which is built first if it is missing. */
export async function boot(options: BootOptions & { suite?: Suite; snapshot?: Snapshot } = {}): Promise<LabMachine> {
  if (options.snapshot !== undefined) return bootOn(groundOf(options.snapshot), options);
  const suite = options.suite ?? 'trixie';
  if (options.name !== undefined) machineName(options.name); // before a build that may take minutes
  return bootOn({ suite, lowers: [join(await buildRoot({ suite }), 'root')] }, options);
}
