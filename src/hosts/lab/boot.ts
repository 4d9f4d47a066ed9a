import { join } from 'node:path';
import { type BootOptions, bootOn, type LabMachine } from './machine/machine.ts';
import { machineName } from './register/names.ts';
import { buildRoot } from './root/build.ts';
import type { Suite } from './root/recipe.ts';
import { groundOf, type Snapshot } from './snapshot.ts';

/** Boot a machine: upon a snapshot, or upon the plain root of a suite, which is built where it is not yet. */
export async function boot(options: BootOptions & { suite?: Suite; snapshot?: Snapshot } = {}): Promise<LabMachine> {
  if (options.snapshot !== undefined) return bootOn(groundOf(options.snapshot), options);
  const suite = options.suite ?? 'trixie';
  if (options.name !== undefined) machineName(options.name); // before the minutes that a build may take
  return bootOn({ suite, lowers: [join(await buildRoot({ suite }), 'root')] }, options);
}
