import type { Claim } from '../host.ts';
import type { Declaration, StackDeclaration } from '../machine/declaration.ts';
import { hasRefused } from '../machine/outcome.ts';
import { type UnitDirectory, unitPath, wantsPath } from '../machine/search-path.ts';
import { type OnDisk, sameOnDisk } from '../observation.ts';
import { laidOut, type StackWorld, type World } from '../world.ts';
import {
  containerOf,
  doubtsIn,
  perhapsPulling,
  stackMustFail,
  started,
  startedOrFailed,
  troubleWith,
  wrongLabels,
} from './lifecycle.ts';
import { lookedAround, resolve, stackIn, withStack } from './systemd.ts';

/** The files that the owner installs for a stack: its unit, and the link by which default.target wants it. */
export function ownedFiles(world: World, declaration: Declaration, stack: string): Readonly<Record<string, OnDisk>> {
  const key = `${world.setup.owner} ${stack}`;
  const known = owned.get(declaration) ?? new Map<string, Readonly<Record<string, OnDisk>>>();
  const files = known.get(key) ?? filesOf(world.setup.owner, declaration, stack);
  if (known.size === 0) owned.set(declaration, known);
  known.set(key, files);
  return files;
}

/** Asked for at every step, and always the same for one declaration. */
const owned = new WeakMap<Declaration, Map<string, Readonly<Record<string, OnDisk>>>>();

function filesOf(owner: UnitDirectory, declaration: Declaration, stack: string): Record<string, OnDisk> {
  const project = declaration.stacks[stack];
  if (project === undefined) return {};
  const link: OnDisk = {
    kind: 'generation',
    revision: declaration.revision,
    definition: { revision: project.revision, marker: 'declared' },
  };
  return { [unitPath(owner, stack)]: link, [wantsPath(owner, stack)]: link };
}

/** Paths of the search path that are not as the installed generation has them: what hands have left there. */
export const drifted = (world: World): readonly string[] =>
  Object.keys(world.stacks).flatMap(stack => driftedOf(world, stack));

/** Those of one stack. */
export function driftedOf(world: World, stack: string): readonly string[] {
  const { files } = stackIn(world, stack);
  const owned = ownedFiles(world, world.installed, stack);
  const paths: string[] = [];
  for (const path in files) if (!sameAt(files[path], owned[path])) paths.push(path);
  for (const path in owned) if (!Object.hasOwn(files, path)) paths.push(path);
  return paths;
}

const sameAt = (one: OnDisk | undefined, other: OnDisk | undefined): boolean =>
  one === other || (one !== undefined && other !== undefined && sameOnDisk(one, other));

/** What in the world makes it honest for a rebuild to this declaration to fail. */
export function rebuildMayFail(world: World, declaration: Declaration): readonly string[] {
  const stacks = world.uncertain === null ? toBeStarted(world, declaration) : Object.entries(declaration.stacks);
  const starts = stacks.flatMap(([stack, project]) => [
    ...wrongLabels(stack, project),
    ...stackMustFail(world, stack, project),
    ...doubtsIn(world, stack, project),
  ]);
  const full = hasNoRoom(world, declaration) ? ['the Nix store is full'] : [];
  return [...full, ...refusals(world), ...starts];
}

/**
 * What makes it impossible for a rebuild to this declaration to succeed. A stack whose containers already run as declared
 * needs no start, whatever became of its files and of what the manager knows: that can be mended while it runs.
 */
export const rebuildMustFail = (world: World, declaration: Declaration): readonly string[] =>
  toBeStarted(world, declaration)
    .filter(([stack, project]) => !runsAs(world, declaration.stacks, stack) && !mayRunOn(world, stack, project))
    .flatMap(([stack, project]) => stackMustFail(world, stack, project));

/** Whether what runs of a stack was made by the definition that is declared, and is all of it. */
const mayRunOn = (world: World, stack: string, project: StackDeclaration): boolean => {
  const at = world.stacks[stack];
  if (at === undefined || at.made !== project.revision) return false;
  return at.active === 'active' && !at.vague && containersAsDeclared(supposedToRun(at), stack, project);
};

/** The stack if every container runs of which it is not known whether it does. */
const supposedToRun = (at: StackWorld): StackWorld => ({
  ...at,
  containers: Object.fromEntries(
    Object.entries(at.containers).map(([name, container]) => {
      const isKnown = container.state !== 'undecided' && container.state !== 'unknown';
      return [name, isKnown ? container : { ...container, state: 'running' as const }];
    }),
  ),
});

/** Whether there is no room for it in the store; a generation that is there already takes none. */
const hasNoRoom = ({ store, generations }: World, { revision }: Declaration): boolean =>
  store === 'full' && !generations.some(generation => generation.revision === revision);

/** Why a rebuild may refuse before it touches anything. */
function refusals(world: World): readonly string[] {
  const down = world.manager === 'down' ? ['the user manager is down'] : [];
  const etc = world.etc === 'read-only' ? ['/etc cannot be written'] : [];
  const trouble = Object.keys(world.stacks).flatMap(stack => troubleWith(world, stack));
  return [...down, ...etc, ...drifted(world).map(path => `${path} has drifted`), ...trouble];
}

/** The stacks of a declaration of which we do not know that they run as it says. */
const toBeStarted = (world: World, { stacks }: Declaration): readonly [string, StackDeclaration][] =>
  Object.entries(stacks).filter(([stack]) => !isKnownToRun(world, stacks, stack));

/**
 * Whether a stack also was made by the declared definition. Where the manager has loaded another one since, no field of a container
 * may tell: the two may differ in nothing but the env files that they need. A unit in `error` has to be started anew.
 */
const isKnownToRun = (world: World, stacks: Declaration['stacks'], stack: string): boolean =>
  runsAs(world, stacks, stack) &&
  world.stacks[stack]?.loaded.loadState === 'loaded' &&
  world.stacks[stack]?.made === stacks[stack]?.revision;

/** Whether a stack already runs as declared by all that its containers show and its unit says, so that a rebuild may let it be. */
function runsAs(world: World, stacks: Declaration['stacks'], stack: string): boolean {
  const at = world.stacks[stack];
  const project = stacks[stack];
  if (at === undefined || project === undefined || at.loaded.revision !== project.revision) return false;
  const known = answered.get(at);
  if (known?.project === project) return known.runs;
  const runs = doesRunAs(at, stack, project);
  answered.set(at, { project, runs });
  return runs;
}

/** Asked several times for each step, mostly of the same stack and project, neither of which ever changes. */
const answered = new WeakMap<StackWorld, { readonly project: StackDeclaration; readonly runs: boolean }>();

function doesRunAs(at: StackWorld, stack: string, project: StackDeclaration): boolean {
  if (at.active !== 'active' || at.vague) return false;
  if (at.loaded.revision !== project.revision || at.loaded.marker !== 'declared') return false;
  return containersAsDeclared(at, stack, project);
}

function containersAsDeclared(at: StackWorld, stack: string, project: StackDeclaration): boolean {
  const services = Object.keys(project.services);
  if (services.length !== Object.keys(at.containers).length) return false;
  return services.every(name => {
    const container = at.containers[name];
    const service = project.services[name];
    if (container === undefined || service === undefined) return false;
    const declared = containerOf(stack, name, service, container.image, 'declared');
    return (Object.keys(declared) as (keyof typeof declared)[]).every(key => container[key] === declared[key]);
  });
}

/**
 * The world after a rebuild to this declaration. Asked for and activated are two things: the profile points at what
 * was asked for last, even where its activation was refused (as nixos-rebuild does it).
 */
export function rebuilt(before: World, declaration: Declaration, claim: Claim): World {
  if (!claim.ok && hasNoRoom(before, declaration)) return before;
  const world = askedFor(before, declaration);
  if (!claim.ok && (hasRefused(claim) || mayOnlyRefuse(world, declaration))) return world;
  return activated(world, declaration, claim.ok);
}

/**
 * Whether a rebuild that failed had nothing to fail for but what it finds before it touches anything. Where there is drift or
 * trouble as well as something that no start gets past, either may have stopped it: then it is taken at its word.
 */
function mayOnlyRefuse(world: World, declaration: Declaration): boolean {
  if (refusals(world).length === 0) return false;
  if (world.manager === 'down') return true;
  const starts = toBeStarted(world, declaration).flatMap(([stack, project]) => [
    ...stackMustFail(world, stack, project),
    ...doubtsIn(world, stack, project),
  ]);
  return starts.length === 0;
}

/**
 * The world after a rebuild that was killed half way, or that another one got in the way of: the profile points at it, and
 * of the rest nothing is known until a rebuild claims success (facts.md F25).
 */
export const unsettled = (before: World, declaration: Declaration, why: string): World =>
  hasNoRoom(before, declaration) ? before : unknownAfter(askedFor(before, declaration), declaration, why);

/** The world of which nothing is known, after something that may have activated a declaration. */
export const unknownAfter = (world: World, { stacks }: Declaration, why: string): World => ({
  ...perhapsPulling(world, Object.values(stacks)),
  uncertain: why,
});

/** The world after a rebuild that could do no more than ask. */
export const onlyAsked = (before: World, declaration: Declaration): World =>
  hasNoRoom(before, declaration) ? before : askedFor(before, declaration);

/** The world after `nix-env --profile --set`: a new generation, unless the newest one is the same. */
function askedFor(world: World, declaration: Declaration): World {
  const newest = world.generations.length - 1;
  if (world.generations[newest]?.revision === declaration.revision) {
    return world.pointer === newest ? world : laidOut(world, { pointer: newest });
  }
  const generations = [...world.generations, declaration];
  return laidOut(world, {
    revisions: withRevisions(world, declaration),
    generations,
    pointer: generations.length - 1,
  });
}

/** What every revision of a stack stands for, those of this declaration included. */
function withRevisions(world: World, declaration: Declaration): World['revisions'] {
  let { revisions } = world;
  for (const stack in declaration.stacks) {
    const project = declaration.stacks[stack] as StackDeclaration;
    if (revisions[stack]?.[project.revision] !== undefined) continue;
    revisions = { ...revisions, [stack]: { ...revisions[stack], [project.revision]: project } };
  }
  return revisions;
}

/** The world after an activation that was not refused: every stack is the owner's, and runs where it can. */
function activated(before: World, declaration: Declaration, ok: boolean): World {
  const stacks = Object.entries(before.stacks).filter(([stack]) => Object.hasOwn(declaration.stacks, stack));
  const uncertain = ok ? null : before.uncertain;
  let world = laidOut(lookedAround(before), { installed: declaration, uncertain, stacks: Object.fromEntries(stacks) });
  for (const stack in declaration.stacks) {
    const untouched = before.uncertain === null && isKnownToRun(before, declaration.stacks, stack);
    const files = ownedFiles(world, declaration, stack);
    if (untouched && isOwn(stackIn(world, stack), files)) continue;
    const loaded = resolve(files, stack, world.setup.traits);
    world =
      world.stacks[stack] === undefined
        ? laidOut(world, { stacks: { ...world.stacks, [stack]: freshStack(world, declaration, stack) } })
        : withStack(world, stack, { files, loaded, wanted: true });
    // A rebuild that failed may have stopped before it came to a stack that it would only have mended.
    if (untouched || (!ok && keeps(before, world, stack))) continue;
    world = ok ? started(world, stack) : startedOrFailed(world, stack);
  }
  return world;
}

/** Whether a stack's files are the owner's, and the manager knows no others. */
const isOwn = (at: StackWorld, files: StackWorld['files']): boolean =>
  at.files === files && at.wanted && at.loaded.loadState === 'loaded' && at.loaded.dropInPaths.length === 0;

/**
 * Whether a stack is active by the very definition that it is to have. One whose unit lost its file and has it back is not: its
 * unit is in `error` until a reload, so a rebuild that brings its files has to start it (a restart before says "Device or
 * resource busy", seen on systemd 257).
 */
function keeps(before: World, after: World, stack: string): boolean {
  const [was, is] = [before.stacks[stack], stackIn(after, stack)];
  if (was?.active !== 'active' || was.loaded.loadState === 'error') return false;
  return was.loaded.revision === is.loaded.revision && was.loaded.marker === is.loaded.marker;
}

/** A stack that the owner has just installed, before its first start. */
export function freshStack(world: World, declaration: Declaration, stack: string): StackWorld {
  const files = ownedFiles(world, declaration, stack);
  return {
    files,
    loaded: resolve(files, stack, world.setup.traits),
    wanted: true,
    active: 'inactive',
    containers: {},
    made: null,
    vague: false,
  };
}
