import { broken } from '../machine/declaration.ts';
import type { ModelConfig, StackWorld, World } from '../world.ts';
import { freshStack } from './generations.ts';
import { started } from './lifecycle.ts';
import { spareSecrets } from './secrets.ts';

/** What we believe right after a reset: the first declaration is installed, and all of it runs. */
export function firstWorld(setup: ModelConfig): World {
  const { declaration, before, versions } = setup;
  const generations = before === undefined ? [declaration] : [before, declaration];
  const oldest = versions[0];
  if (oldest === undefined) throw new Error('a profile needs at least one version of the image');
  const bare: World = {
    setup,
    declared: declaration,
    generations,
    pointer: generations.length - 1,
    installed: declaration,
    revisions: Object.fromEntries(
      Object.entries(declaration.stacks).map(([name, project]) => [name, { [project.revision]: project }]),
    ),
    manager: 'running',
    linger: true,
    forgotten: false,
    store: 'roomy',
    etc: 'writable',
    uncertain: null,
    stacks: {},
    strangers: {},
    registry: {
      // Each build is on the machine, by its tag and by its digest.
      ...Object.fromEntries(versions.flatMap(version => [version, `@${version}`].map(tag => [tag, version]))),
      stable: oldest,
      [broken]: broken,
    },
    registryUp: true,
    images: {},
    perhapsPulled: {},
    missingSecrets: spareSecrets(declaration),
    malformedSecrets: [],
    rotatedSecrets: [],
    lookup: { isDue: false, unnoticed: [], empty: [] },
    strayTimers: [],
    volumes: {},
  };
  const stacks: Record<string, StackWorld> = {};
  for (const stack in declaration.stacks) stacks[stack] = freshStack(bare, declaration, stack);
  return Object.keys(stacks).reduce(started, { ...bare, stacks });
}
