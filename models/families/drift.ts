import type { Placed } from '../host.ts';
import type { Declaration } from '../machine/declaration.ts';
import { quadletDirectoryOf } from '../machine/quadlets.ts';
import { isFirstTarget, searchPathOf, unitOf } from '../machine/search-path.ts';
import { type OnDisk, sameOnDisk } from '../observation.ts';
import { type Args, type Operation, operation } from '../operation.ts';
import type { Need } from '../role.ts';
import { ownedFiles } from '../transitions/generations.ts';
import { withFiles } from '../transitions/lookup.ts';
import { stackIn, without } from '../transitions/systemd.ts';
import type { World } from '../world.ts';

/** What somebody places in the search path by hand, and where. */
export interface Drift<A extends Args> {
  describe(args: A): string;
  /** The arguments for one stack, simplest first. */
  choices(stack: string, world: World): readonly (A & { stack: string })[];
  /** The path that it is left at. */
  path(args: A, world: World): string;
  /** What is left there. */
  what(args: A): Placed;
  /** Whether it applies to the units of every stack. */
  concernsAll?(args: A): boolean;
  /** What a machine must have for it; to place a file, where absent. */
  readonly needs?: readonly [Need];
}

/** An operation that places something in the search path by hand: nothing is reloaded, and nothing is claimed. */
export function drift<A extends Args & { stack: string }>(rule: Drift<A>): Operation<A> {
  const free = freeFor(rule);
  return operation<A>({
    kind: 'drift',
    needs: rule.needs ?? ['place'],
    weight: 1,
    describe: args => rule.describe(args),
    choices: world => Object.keys(world.stacks).flatMap(stack => rule.choices(stack, world).filter(free(world))),
    allowed: (world, args) =>
      Object.hasOwn(world.stacks, args.stack) && isRead(world, rule.path(args, world)) && free(world)(args),
    apply: (host, args, world) => host.place(rule.path(args, world), rule.what(args)),
    expected: (world, args) => {
      const path = rule.path(args, world);
      const shown = shownAs(
        world,
        args.stack,
        path,
        rule.what(args),
        isFirstTarget(path) ? nameIn(path) : unitOf(args.stack),
      );
      const concerned = rule.concernsAll?.(args) ? Object.keys(world.stacks) : [args.stack];
      return concerned.reduce((now, stack) => {
        const { files: all } = stackIn(now, stack);
        const files = Object.hasOwn(all, path) ? without(all, [path]) : all;
        return withFiles(now, stack, shown === null ? files : { ...files, [path]: shown });
      }, world);
    },
  });
}

/** Whether the manager that runs the stacks looks there: a step found under another owner may name a directory of the other manager. */
const isRead = ({ setup }: World, path: string): boolean =>
  searchPathOf(setup.owner).some(directory => path.startsWith(`${directory}/`)) ||
  (setup.traits.quadlets === true && quadletDirectoryOf(path) !== undefined);

/** Whether the drift would change anything: the same thing again does not, and "nothing" needs something to replace. */
const freeFor =
  <A extends Args & { stack: string }>(rule: Drift<A>) =>
  (world: World) =>
  (args: A): boolean => {
    const path = rule.path(args, world);
    if (!isWritable(world, path)) return false;
    const now = stackIn(world, args.stack).files[path];
    const { kind } = rule.what(args);
    if (kind === 'stale' && olderFor(world, args.stack) === undefined) return false;
    if (asDeclared.includes(kind) && !isDeclaredAnyhow(world, args.stack)) return false;
    return now === undefined ? kind !== 'nothing' : now.kind === 'generation';
  };

/** Kinds made from the declared unit. */
const asDeclared: readonly Placed['kind'][] = ['edited', 'foreign', 'identical'];

/** Whether a stack is declared by every generation that may be installed. */
const isDeclaredAnyhow = ({ uncertain, installed, generations, pointer }: World, stack: string): boolean =>
  uncertain === null ||
  [installed, generations[pointer]].every(one => one !== undefined && Object.hasOwn(one.stacks, stack));

/** Whether anything can be changed there by hand: not where /etc is read-only, nor where the runtime directory may be gone. */
export const isWritable = (world: World, path: string): boolean =>
  path.startsWith('/etc/') ? world.etc === 'writable' : !path.startsWith('%t/') || world.manager === 'running';

/** Paths where a stack has something that its owner did not install. */
export function driftedThere(world: World, stack: string): readonly string[] {
  const { files } = stackIn(world, stack);
  const owned = ownedFiles(world, world.installed, stack);
  return Object.keys(files).filter(path => {
    const should = owned[path];
    return should === undefined || !sameOnDisk(files[path] as OnDisk, should);
  });
}

/** What can replace a link of the owner's, besides a file or link with other content. */
export type Replacement = 'identical' | 'empty' | 'stale' | 'dangling' | 'mask' | 'directory' | 'nothing';

/** The kinds that are possible now: a stale link needs an older generation that has the stack. */
export const replacing = <K extends Replacement>(kinds: readonly K[], world: World, stack: string): readonly K[] =>
  kinds.filter(kind => kind !== 'stale' || olderFor(world, stack) !== undefined);

const nameIn = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** How something that was placed for a unit of this name shows on disk; null where it is nothing. */
function shownAs(world: World, stack: string, path: string, what: Placed, name: string): OnDisk | null {
  const quadlet = quadletDirectoryOf(path) === undefined ? null : fileOf(path);
  // A quadlet file carries no revision.
  const marked = (marker: string) => ({ revision: quadlet === null ? revisionOf(world, stack) : null, marker });
  switch (what.kind) {
    case 'edited':
      return { kind: 'file', definition: marked(what.marker) };
    case 'identical':
      return { kind: 'file', definition: isNetwork(quadlet) ? null : marked('declared') };
    case 'foreign':
      return { kind: 'link', target: `~/drift/${unitOf(stack)}`, definition: marked(what.marker) };
    case 'drop-in':
      return { kind: 'file', definition: { revision: null, marker: what.marker } };
    case 'stale':
      return staleLink(world, stack);
    case 'mask':
      return { kind: 'link', target: '/dev/null', definition: null };
    case 'empty':
      return { kind: 'file', definition: null };
    case 'dangling':
      return { kind: 'link', target: `~/drift/missing/${quadlet ?? name}`, definition: null };
    case 'directory':
      return { kind: 'directory' };
    case 'nothing':
      return null;
  }
}

/** The revision of the unit as the installed generation declares it. */
const revisionOf = (world: World, stack: string): number | null => world.installed.stacks[stack]?.revision ?? null;

/** The quadlet file that a path of the generator's search path is about: itself, or the one that a drop-in extends. */
const fileOf = (path: string): string => /([^/]+)\.d\/[^/]+$/.exec(path)?.[1] ?? nameIn(path);

/** A network's file has no marker, as it has no environment. */
const isNetwork = (file: string | null): boolean => file?.endsWith('.network') === true;

function staleLink(world: World, stack: string): OnDisk {
  const older = olderFor(world, stack);
  const revision = older?.stacks[stack]?.revision ?? null;
  return { kind: 'generation', revision: older?.revision ?? 0, definition: { revision, marker: 'declared' } };
}

/** The newest generation before the installed one that has the stack; none where it is not known which is installed. */
function olderFor({ generations, installed, uncertain }: World, stack: string): Declaration | undefined {
  if (uncertain !== null) return undefined;
  const now = generations.findIndex(({ revision }) => revision === installed.revision);
  return generations.slice(0, Math.max(0, now)).findLast(({ stacks }) => Object.hasOwn(stacks, stack));
}
