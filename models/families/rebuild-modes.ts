import type { Claim, RebuildMode } from '../host.ts';
import { newProject, newStack } from '../machine/additions.ts';
import { type Declaration, edited, withStackAdded, withStackRemoved } from '../machine/declaration.ts';
import { type Operation, operation } from '../operation.ts';
import { rebuildNeed } from '../role.ts';
import { rebuildMayFail, rebuildMustFail } from '../transitions/generations.ts';
import type { World } from '../world.ts';
import { everyService, withService } from './mutation.ts';

/** What is edited before the rebuild. Any edit would do; these change one stack, or which stacks there are. */
export type Change = 'nothing' | 'environment' | 'stack';

type ChangeArgs = { readonly change: Change };

/** A rebuild that something disturbs. */
export interface RebuildInMode {
  readonly mode: RebuildMode;
  /** How it is disturbed, in words: `twice at the same time`. */
  readonly says: string;
  /** The edits with which it makes sense; all of them where absent. */
  readonly changes?: readonly Change[];
  possible?(world: World): boolean;
  /** Reasons to fail beside those of any rebuild. */
  mayFail?(world: World): readonly string[];
  mustFail?(world: World): readonly string[];
  expected(world: World, declaration: Declaration, claim: Claim): World;
}

/**
 * An operation that edits the configuration and rebuilds in a mode other than the plain one. The edit stays, whatever the
 * rebuild says.
 */
export function rebuildInMode({ mode, says, changes = everyChange, ...rule }: RebuildInMode): Operation<ChangeArgs> {
  const possible = (world: World) => rule.possible?.(world) ?? true;
  const allowed = (world: World, { change }: ChangeArgs) => possible(world) && canChange(world.declared, change);
  return operation<ChangeArgs>({
    kind: 'command',
    needs: [rebuildNeed(mode)],
    describe: ({ change }) => `${words[change]}rebuild ${says}`,
    choices: world => changes.map(change => ({ change })).filter(args => allowed(world, args)),
    allowed,
    apply: (host, { change }, world) => host.rebuild(wanted(world, change), mode),
    mayFail: (world, { change }) => [...rebuildMayFail(world, wanted(world, change)), ...(rule.mayFail?.(world) ?? [])],
    mustFail: (world, { change }) => [
      ...rebuildMustFail(world, wanted(world, change)),
      ...(rule.mustFail?.(world) ?? []),
    ],
    expected: (world, { change }, claim) => {
      const declared = wanted(world, change);
      return { ...rule.expected(world, declared, claim), declared };
    },
  });
}

const everyChange: readonly Change[] = ['nothing', 'environment', 'stack'];

const words: Readonly<Record<Change, string>> = {
  nothing: '',
  environment: 'set another GREETING, and ',
  stack: `add the stack ${newStack} or take it out, and `,
};

/** Whether there is something to edit. The last stack is never removed, as in remove-stack. */
const canChange = (declared: Declaration, change: Change): boolean =>
  change === 'nothing' ||
  (change === 'environment' ? everyService(declared).length > 0 : Object.keys(withoutNew(declared)).length > 0);

const withoutNew = ({ stacks: { [newStack]: _, ...stacks } }: Declaration): Declaration['stacks'] => stacks;

/** The configuration after the edit. */
function wanted({ declared }: World, change: Change): Declaration {
  if (change === 'nothing') return declared;
  if (change === 'stack') {
    return Object.hasOwn(declared.stacks, newStack)
      ? withStackRemoved(declared, newStack)
      : withStackAdded(declared, newStack, newProject);
  }
  const [first] = everyService(declared);
  if (first === undefined) throw new Error(`no service in revision ${declared.revision}`);
  const greeting = declared.stacks[first.stack]?.services[first.service]?.greeting === 'hello' ? 'goodbye' : 'hello';
  return edited(declared, first.stack, services => withService(services, first.service, { greeting }));
}
