import type { Claim } from '../host.ts';
import type { Declaration, StackDeclaration } from '../machine/declaration.ts';
import { hasRefused } from '../machine/outcome.ts';
import { containerFile, networkFile, ownQuadlets, quadletAt } from '../machine/quadlets.ts';
import { type UnitDirectory, unitOf, unitPath, wantsPath } from '../machine/search-path.ts';
import { type OnDisk, sameOnDisk, type UnitDefinition } from '../observation.ts';
import { laidOut, type StackWorld, type World } from '../world.ts';
import { perhapsPulling, withBuildsOf } from './images.ts';
import {
  containerOf,
  doubtsIn,
  stackMustFail,
  started,
  startedOrFailed,
  startedTooOften,
  troubleWith,
  wrongLabels,
} from './lifecycle.ts';
import { hasTextsNow } from './secrets.ts';
import { lookedAround, resolve, stackIn, withStack } from './systemd.ts';

/** The files that the owner installs for a stack: its unit, and the link by which default.target wants it. */
export function ownedFiles(world: World, declaration: Declaration, stack: string): Readonly<Record<string, OnDisk>> {
  const quadlets = world.setup.traits.quadlets === true;
  const key = `${world.setup.owner} ${quadlets} ${stack}`;
  const known = owned.get(declaration) ?? new Map<string, Readonly<Record<string, OnDisk>>>();
  const files = known.get(key) ?? filesOf(world.setup.owner, quadlets, declaration, stack);
  if (known.size === 0) owned.set(declaration, known);
  known.set(key, files);
  return files;
}

/** Asked for at every step; always the same for one declaration. */
const owned = new WeakMap<Declaration, Map<string, Readonly<Record<string, OnDisk>>>>();

function filesOf(
  owner: UnitDirectory,
  quadlets: boolean,
  declaration: Declaration,
  stack: string,
): Record<string, OnDisk> {
  const project = declaration.stacks[stack];
  if (project === undefined) return {};
  const link: OnDisk = {
    kind: 'generation',
    revision: declaration.revision,
    definition: { revision: project.revision, marker: 'declared' },
  };
  const units = { [unitPath(owner, stack)]: link, [wantsPath(owner, stack)]: link };
  return quadlets ? { ...units, ...quadletsOf(declaration, stack, project) } : units;
}

/** The quadlet files of a stack: one for each container, and that of their network. */
function quadletsOf({ revision }: Declaration, stack: string, { services }: StackDeclaration): Record<string, OnDisk> {
  const link = (definition: UnitDefinition | null): OnDisk => ({ kind: 'generation', revision, definition });
  const files = Object.keys(services).map(
    service =>
      [quadletAt(ownQuadlets, containerFile(stack, service)), link({ revision: null, marker: 'declared' })] as const,
  );
  return { ...Object.fromEntries(files), [quadletAt(ownQuadlets, networkFile(stack))]: link(null) };
}

/** Paths of the search path that differ from the installed generation: changed by hand. */
export const drifted = (world: World): readonly string[] =>
  Object.keys(world.stacks).flatMap(stack => driftedOf(world, stack));

/** Those of one stack. */
export function driftedOf(world: World, stack: string): readonly string[] {
  const { files } = stackIn(world, stack);
  const owned = ownedFiles(world, world.installed, stack);
  const known = compared.get(files);
  if (known?.owned === owned) return known.paths;
  const paths: string[] = [];
  for (const path in files) if (!sameAt(files[path], owned[path])) paths.push(path);
  for (const path in owned) if (!Object.hasOwn(files, path)) paths.push(path);
  compared.set(files, { owned, paths });
  return paths;
}

/** Asked for by many operations in the same world; files never change. */
const compared = new WeakMap<
  StackWorld['files'],
  { readonly owned: StackWorld['files']; readonly paths: readonly string[] }
>();

const sameAt = (one: OnDisk | undefined, other: OnDisk | undefined): boolean =>
  one === other || (one !== undefined && other !== undefined && sameOnDisk(one, other));

/** Honest reasons for a rebuild to this declaration to fail. */
export function rebuildMayFail(world: World, declaration: Declaration): readonly string[] {
  const stacks = world.uncertain === null ? toBeStarted(world, declaration) : Object.entries(declaration.stacks);
  const starts = stacks.flatMap(([stack, project]) => [
    ...wrongLabels(stack, project),
    ...stackMustFail(world, stack, project),
    ...startedTooOften(world, stack),
    ...doubtsIn(world, stack, project),
  ]);
  const full = hasNoRoom(world, declaration) ? ['the Nix store is full'] : [];
  return [...full, ...refusals(world), ...starts];
}

/**
 * Why a rebuild to this declaration cannot succeed. A stack whose containers already run as declared needs no start, whatever
 * happened to its files and to what the manager knows: these can be repaired while it runs.
 */
export const rebuildMustFail = (world: World, declaration: Declaration): readonly string[] =>
  toBeStarted(world, declaration)
    .filter(([stack, project]) => !runsAs(world, declaration.stacks, stack) && !mayRunOn(world, stack, project))
    .flatMap(([stack, project]) => stackMustFail(world, stack, project));

/** Whether everything of a stack runs, and was made by the declared definition. */
const mayRunOn = (world: World, stack: string, project: StackDeclaration): boolean => {
  const at = world.stacks[stack];
  if (at === undefined || at.made !== project.revision) return false;
  return at.active === 'active' && !at.vague && containersAsDeclared(world, supposedToRun(at), stack, project);
};

/** The stack, supposing that every container runs of which it is not known whether it does. */
const supposedToRun = (at: StackWorld): StackWorld => ({
  ...at,
  containers: Object.fromEntries(
    Object.entries(at.containers).map(([name, container]) => {
      const isKnown = container.state !== 'undecided' && container.state !== 'unknown';
      return [name, isKnown ? container : { ...container, state: 'running' as const }];
    }),
  ),
});

/** Whether the store has no room for it; a generation that exists already needs none. */
const hasNoRoom = ({ store, generations }: World, { revision }: Declaration): boolean =>
  store === 'full' && !generations.some(generation => generation.revision === revision);

/** Why a rebuild may refuse before it changes anything. Asked for by many operations in the same world. */
function refusals(world: World): readonly string[] {
  const { stacks, manager, etc, installed } = world;
  const known = refused.get(stacks);
  if (known?.manager === manager && known.etc === etc && known.installed === installed) return known.why;
  const why = refusalsIn(world);
  refused.set(stacks, { manager, etc, installed, why });
  return why;
}

/** By the stacks: with what else they were looked at, and the answer. */
const refused = new WeakMap<World['stacks'], Refusals>();

interface Refusals extends Pick<World, 'manager' | 'etc' | 'installed'> {
  readonly why: readonly string[];
}

function refusalsIn(world: World): readonly string[] {
  const down = world.manager === 'down' ? ['the user manager is down'] : [];
  const etc = world.etc === 'read-only' ? ['/etc cannot be written'] : [];
  const trouble = Object.keys(world.stacks).flatMap(stack => troubleWith(world, stack));
  return [...down, ...etc, ...drifted(world).map(path => `${path} has drifted`), ...trouble];
}

/** The stacks of a declaration that are not known to run as declared. */
const toBeStarted = (world: World, { stacks }: Declaration): readonly [string, StackDeclaration][] =>
  Object.entries(stacks).filter(([stack]) => !isKnownToRun(world, stacks, stack));

/**
 * Whether a stack was also made by the declared definition. If the manager has loaded another one since, the fields of a
 * container may not show it: the two may differ only in the env files that they need. A unit in `error` has to be started anew.
 */
const isKnownToRun = (world: World, stacks: Declaration['stacks'], stack: string): boolean =>
  runsAs(world, stacks, stack) &&
  world.stacks[stack]?.loaded.loadState === 'loaded' &&
  world.stacks[stack]?.made === stacks[stack]?.revision;

/**
 * Whether a stack already runs as declared, judged by everything that its containers and its unit show; a rebuild may then
 * leave it alone.
 */
function runsAs(world: World, stacks: Declaration['stacks'], stack: string): boolean {
  const at = world.stacks[stack];
  const project = stacks[stack];
  if (at === undefined || project === undefined || at.loaded.revision !== project.revision) return false;
  const known = answered.get(at);
  const { missingSecrets, malformedSecrets, rotatedSecrets } = world;
  if (
    known?.project === project &&
    known.rotatedSecrets === rotatedSecrets &&
    known.missingSecrets === missingSecrets &&
    known.malformedSecrets === malformedSecrets
  ) {
    return known.runs;
  }
  const runs = doesRunAs(world, at, stack, project);
  answered.set(at, { project, missingSecrets, malformedSecrets, rotatedSecrets, runs });
  return runs;
}

/** Asked several times for each step, mostly about the same stack, project and secrets, none of which ever changes. */
const answered = new WeakMap<StackWorld, Answer>();

interface Answer extends Pick<World, 'missingSecrets' | 'malformedSecrets' | 'rotatedSecrets'> {
  readonly project: StackDeclaration;
  readonly runs: boolean;
}

function doesRunAs(world: World, at: StackWorld, stack: string, project: StackDeclaration): boolean {
  if (at.active !== 'active' || at.vague) return false;
  if (at.loaded.revision !== project.revision || at.loaded.marker !== 'declared') return false;
  return containersAsDeclared(world, at, stack, project);
}

function containersAsDeclared(world: World, at: StackWorld, stack: string, project: StackDeclaration): boolean {
  for (const name in at.containers) if (project.services[name] === undefined) return false;
  return Object.keys(project.services).every(name => {
    const container = at.containers[name];
    const service = project.services[name];
    if (service === undefined) return false;
    // A job that has run need not run again because somebody removed its container.
    if (container === undefined) return service.ends !== undefined;
    if (!hasTextsNow(world, project, container.secretTexts)) return false;
    const { traits } = world.setup;
    const { image, secretTexts } = container;
    const declared = containerOf(traits, stack, name, service, image, 'declared', secretTexts);
    return (Object.keys(declared) as (keyof typeof declared)[]).every(key => container[key] === declared[key]);
  });
}

/**
 * The world after a rebuild to this declaration. Requested and activated may differ: the profile points at the last requested
 * generation, even if its activation was refused (as nixos-rebuild does it).
 */
export function rebuilt(before: World, declaration: Declaration, claim: Claim): World {
  if (!claim.ok && hasNoRoom(before, declaration)) return before;
  const world = askedFor(before, declaration);
  if (!claim.ok && (hasRefused(claim) || mayOnlyRefuse(world, declaration))) return world;
  return activated(world, declaration, claim.ok);
}

/**
 * Whether a failed rebuild had no reason to fail except those that it finds before it changes anything. Where there is also
 * drift, or something that no start can succeed with, either may have stopped it: then its own report decides.
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
 * The world after a rebuild that was killed half way, or disturbed by another one: the profile points at its generation, and
 * nothing else is known until a rebuild claims success (facts.md F25).
 */
export const unsettled = (before: World, declaration: Declaration, why: string): World =>
  hasNoRoom(before, declaration) ? before : unknownAfter(askedFor(before, declaration), declaration, why);

/** The world in which nothing is known, after something that may have activated a declaration. */
export const unknownAfter = (world: World, { stacks }: Declaration, why: string): World => ({
  ...perhapsPulling(world, Object.values(stacks)),
  uncertain: why,
});

/** The world after a rebuild that only set the profile. */
export const onlyAsked = (before: World, declaration: Declaration): World =>
  hasNoRoom(before, declaration) ? before : askedFor(before, declaration);

/** The world after `nix-env --profile --set`: a new generation, unless the newest one is the same. */
function askedFor(world: World, declaration: Declaration): World {
  const newest = world.generations.length - 1;
  if (world.generations[newest]?.revision === declaration.revision) {
    return world.pointer === newest ? world : laidOut(world, { pointer: newest });
  }
  const { generations, revisions } = withGeneration(world, declaration);
  return laidOut(world, { revisions, generations, pointer: generations.length - 1 });
}

/**
 * The generations with one more, and what every revision of a stack declares. A search asks for the same in many worlds, one after
 * the other, and gets the same objects: what is derived from them is then computed once.
 */
function withGeneration({ generations, revisions }: World, declaration: Declaration): Past {
  const known = lastAskedFor.get(declaration);
  if (known?.before.generations === generations && known.before.revisions === revisions) return known.after;
  const after = {
    generations: [...generations, declaration],
    revisions: withRevisions(revisions, declaration),
  };
  lastAskedFor.set(declaration, { before: { generations, revisions }, after });
  return after;
}

type Past = Pick<World, 'generations' | 'revisions'>;
const lastAskedFor = new WeakMap<Declaration, { readonly before: Past; readonly after: Past }>();

/** What every revision of a stack declares, including this declaration's. */
function withRevisions(before: World['revisions'], declaration: Declaration): World['revisions'] {
  let revisions = before;
  for (const stack in declaration.stacks) {
    const project = declaration.stacks[stack] as StackDeclaration;
    if (revisions[stack]?.[project.revision] !== undefined) continue;
    revisions = { ...revisions, [stack]: { ...revisions[stack], [project.revision]: project } };
  }
  return revisions;
}

/**
 * The world after an activation that was not refused: the files of every stack are the owner's, and every stack that can run
 * runs.
 */
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
    // A failed rebuild may have stopped before it came to a stack that it would only have repaired.
    if (untouched) continue;
    if (!ok && keeps(before, world, stack)) {
      if (before.stacks[stack]?.made !== loaded.revision) world = perhapsStarted(world, declaration, stack);
      continue;
    }
    world = ok ? startedAnyhow(before, world, declaration, stack) : startedOrFailed(world, stack);
  }
  return world;
}

/**
 * The world after a rebuild that succeeded came to a stack of which it was not known whether it runs. If it did, nothing had to be made
 * anew, and its containers are still of the images that they had, whatever the tags mean by now.
 */
function startedAnyhow(before: World, world: World, { stacks }: Declaration, stack: string): World {
  const after = started(world, stack);
  if (before.uncertain !== null) return after;
  return mayRunOn(before, stack, stacks[stack] as StackDeclaration) ? withBuildsOf(after, world) : after;
}

/** Whether a stack's files are the owner's, and the manager knows no others; what a generator made is made anew. */
const isOwn = (at: StackWorld, files: StackWorld['files']): boolean =>
  at.files === files &&
  at.wanted &&
  at.loaded.loadState === 'loaded' &&
  at.loaded.dropInPaths.length === 0 &&
  at.loaded.parts === undefined;

/**
 * Whether a stack is active with exactly the definition that it should have. A unit that lost its file and got it back is not:
 * it is in `error` until a reload, so a rebuild that brings its files has to start it (a restart before that says "Device or
 * resource busy", seen on systemd 257).
 */
function keeps(before: World, after: World, stack: string): boolean {
  const [was, is] = [before.stacks[stack], stackIn(after, stack)];
  if (was?.active !== 'active' || was.loaded.loadState === 'error') return false;
  return was.loaded.revision === is.loaded.revision && was.loaded.marker === is.loaded.marker;
}

/**
 * The world after a failed rebuild of a stack whose manager had loaded the definition already, from a link that was placed by hand,
 * while its containers were made by another one: whether they were replaced is not known.
 */
const perhapsStarted = (world: World, { stacks }: Declaration, stack: string): World =>
  laidOut(perhapsPulling(world, [stacks[stack] as StackDeclaration]), {
    uncertain: world.uncertain ?? `whether the failed command came to ${unitOf(stack)} is not known`,
  });

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
    begun: 0,
  };
}
