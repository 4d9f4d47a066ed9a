import { generatedUnit } from '../../machine/quadlets.ts';
import { operation } from '../../operation.ts';
import type { World } from '../../world.ts';

/**
 * Somebody edits the unit that podman's generator made of a container's quadlet file. The manager has it in memory, and the next reload
 * makes it anew: the edit is never in force. Only of a stack that is active and wanted: others are not kept in memory.
 */
export default operation<{ stack: string; service: string }>({
  kind: 'drift',
  needs: ['place quadlet'],
  describe: ({ stack, service }) => `edit the generated unit ${stack}-${service}.service in place`,
  choices: world =>
    Object.keys(world.stacks).flatMap(stack =>
      Object.keys(world.installed.stacks[stack]?.services ?? {})
        .map(service => ({ stack, service }))
        .filter(at => isLoaded(world, at)),
    ),
  allowed: isLoaded,
  apply: (host, { stack, service }) => host.place(generatedUnit(stack, service), { kind: 'edited', marker: 'edited' }),
  expected: world => world,
});

/** Whether the manager has the container's unit in memory, and its file is there. */
function isLoaded({ setup, manager, stacks }: World, { stack, service }: { stack: string; service: string }): boolean {
  const at = stacks[stack];
  if (setup.traits.quadlets !== true || manager !== 'running' || at === undefined) return false;
  return at.active === 'active' && at.wanted && at.loaded.parts?.[service] !== undefined;
}
