import { withContainer } from '../altered.ts';
import { lastSuccess, tagOf } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'After an update that claims success, every container that asks for updates runs the newest image.',
  from: 'S08, S13; plan, W3 (S13 assertions); facts.md F42, F47; facts-debian13 F93, F94; defects.md D04, D43, D44',
  about: 'step',
  broken(seen, world, history) {
    const last = lastSuccess(history);
    if (last?.role !== 'update') return [];
    const stale = Object.entries(seen.containers)
      .filter(([, { state, autoUpdate }]) => state === 'running' && autoUpdate)
      .map(([name, container]) => ({ name, image: container.image, tag: tagOf(name, container, world) }))
      .filter(({ image, tag }) => world.registry[tag] !== undefined && image !== world.registry[tag])
      .map(
        ({ name, image, tag }) => `container ${name} runs ${image}, the registry has ${world.registry[tag]} as ${tag}`,
      );
    const silent = (last.claim.updates ?? [])
      .filter(({ updated }) => updated === 'failed' || updated === 'rolled back')
      .map(({ unit, updated }) => `the update of ${unit} was ${updated}, and the exit status says success`);
    return [...stale, ...silent];
  },
  example: {
    after: [
      { operation: 'publish-image', args: { version: 'v2' } },
      { operation: 'auto-update', args: {} },
    ],
    lie: seen => withContainer(seen, 'web/app', { image: 'v1' }),
  },
} satisfies Invariant;
