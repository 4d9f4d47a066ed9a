import { containerFile, networkFile, type QuadletDirectory } from '../machine/quadlets.ts';
import type { Args, Operation } from '../operation.ts';
import type { World } from '../world.ts';
import { type Drift, drift } from './drift.ts';

/** Which quadlet file of a stack: `web-app.container`, or `web_default.network`. */
export interface QuadletArgs extends Args {
  readonly stack: string;
  readonly file: string;
}

/** Which, and in which directory that podman's generator reads. */
export interface PlacedQuadletArgs extends QuadletArgs {
  readonly directory: QuadletDirectory;
}

/** An operation that places something by hand where podman's generator looks for quadlet files; no such profile, no choices. */
export function quadletDrift<A extends QuadletArgs>(
  rule: Omit<Drift<A>, 'needs' | 'choices'> & { choices(files: QuadletFiles, world: World): readonly A[] },
): Operation<A> {
  return drift<A>({
    ...rule,
    needs: ['place quadlet'],
    choices: (stack, world) =>
      world.setup.traits.quadlets === true ? rule.choices(quadletFilesOf(world, stack), world) : [],
  });
}

/** The quadlet files of a stack that is installed, as arguments. */
interface QuadletFiles {
  readonly containers: readonly QuadletArgs[];
  readonly network: readonly QuadletArgs[];
}

function quadletFilesOf({ installed }: World, stack: string): QuadletFiles {
  const services = Object.keys(installed.stacks[stack]?.services ?? {});
  return {
    containers: services.map(service => ({ stack, file: containerFile(stack, service) })),
    network: services.length === 0 ? [] : [{ stack, file: networkFile(stack) }],
  };
}
