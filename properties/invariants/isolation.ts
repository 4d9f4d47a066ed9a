import { unitOf } from '../../models/machine/search-path.ts';
import type { ContainerSeen } from '../../models/observation.ts';
import { isRebuild } from '../../models/role.ts';
import type { StackWorld, World } from '../../models/world.ts';
import { withContainer } from '../altered.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: "What is done to one stack, and one stack's trouble, restart and stop no other.",
  from: 'S03, S05, S09; plan, goal (single owner); facts.md F36; defects.md D16, D45',
  about: 'step',
  broken(seen, _world, history) {
    const last = history.at(-1);
    const stack = last?.step.args.stack;
    if (last === undefined || typeof stack !== 'string' || last.after.uncertain !== null) return [];
    const sentences: string[] = [];
    for (const other in last.after.stacks) {
      if (other === stack || !isSame(last.before.stacks[other], last.after.stacks[other])) continue;
      // A rebuild may well start what does not run, and what earlier edits have yet to reach, whomever this one concerned.
      if (isRebuild(last.role) && !isSettled(last.before, other)) continue;
      const concerns = `${last.step.operation} concerns ${stack}, yet `;
      if (seen.units[unitOf(other)]?.restarted) sentences.push(`${concerns}unit ${unitOf(other)} was restarted`);
      for (const name in seen.containers) {
        const { restarted, state } = seen.containers[name] as ContainerSeen;
        const was = last.seenBefore.containers[name]?.state;
        if (!(restarted || (was === 'running' && state !== 'running')) || !name.startsWith(`${other}/`)) continue;
        sentences.push(`${concerns}container ${name} ${restarted ? 'was started anew' : `is ${state}`}`);
      }
    }
    return sentences;
  },
  example: {
    after: [{ operation: 'restart', args: { stack: 'web' } }],
    lie: seen => withContainer(seen, 'duo/db', { restarted: true }),
  },
} satisfies Invariant;

/**
 * Whether nothing was to happen to a stack: its files may have moved on to the next generation. A definition that had drifted
 * and is put right again is a reason to restart.
 */
const isSame = (before: StackWorld | undefined, after: StackWorld | undefined): boolean =>
  before === after ||
  (before?.active === after?.active &&
    before?.loaded.revision === after?.loaded.revision &&
    before?.loaded.marker === after?.loaded.marker &&
    before?.loaded.loadState === after?.loaded.loadState &&
    (before?.containers === after?.containers ||
      JSON.stringify(before?.containers) === JSON.stringify(after?.containers)));

/** Whether a stack runs, and as it is declared by now. */
const isSettled = ({ stacks, installed, declared }: World, stack: string): boolean =>
  stacks[stack]?.active === 'active' && installed.stacks[stack]?.revision === declared.stacks[stack]?.revision;
