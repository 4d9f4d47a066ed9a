import { freshStack } from './generations.ts';
import { started } from './lifecycle.ts';
import type { Setup, StackWorld, World } from './world.ts';

/** What we believe right after a reset: the first declaration is installed, and all of it runs. */
export function firstWorld(setup: Setup): World {
  const { declaration, versions } = setup;
  const oldest = versions[0];
  if (oldest === undefined) throw new Error('a profile needs at least one version of the image');
  const bare: World = {
    setup,
    declared: declaration,
    generations: [declaration],
    pointer: 0,
    installed: declaration,
    revisions: Object.fromEntries(
      Object.entries(declaration.stacks).map(([name, project]) => [name, { [project.revision]: project }]),
    ),
    manager: 'running',
    stacks: {},
    registry: { ...Object.fromEntries(versions.map(version => [version, version])), stable: oldest },
    images: {},
    missingSecrets: [],
  };
  const stacks: Record<string, StackWorld> = {};
  for (const stack in declaration.stacks) stacks[stack] = freshStack(bare, declaration, stack);
  return Object.keys(stacks).reduce(started, { ...bare, stacks });
}
