import { type ContainerFields, sameFields } from './machine/container-fields.ts';

/**
 * What a machine shows, read-only and normalised, so that two equal machines give equal JSON. Paths begin with `~` or
 * `%t` where they can; ids become versions; times become "moved since the last look, or not".
 */
export interface Observation {
  /** `degraded` counts as running: every failing health probe makes it flap (facts-debian13 F95). */
  readonly manager: 'running' | 'down';
  readonly generation: {
    /** Revision of the generation that the Nix profile points at: what was asked for last. */
    readonly profile: number | null;
    /** Revision that was activated to the end (Home Manager's `current-home`, facts.md F24). */
    readonly home: number | null;
  };
  /** Loaded units by name; empty while the manager is down. */
  readonly units: Readonly<Record<string, UnitSeen>>;
  /** All that stands in the search path for a stack unit: units, wants links, drop-ins. By normalised path. */
  readonly files: Readonly<Record<string, OnDisk>>;
  /** Containers by `stack/service`; a second one for the same service is `stack/service#2`. */
  readonly containers: Readonly<Record<string, ContainerSeen>>;
  /** Health timers whose container does not run, by unit name with the ids taken out (facts.md F56, F58). */
  readonly strayTimers: readonly string[];
  /**
   * What is left of a stack, or of nobody's, and no container accounts for: `network web_default`, `pod pod_web`,
   * `volume …`, `mount …`, or a temporary `file …` that was not there at the start; sorted, ids taken out.
   */
  readonly leftovers: readonly string[];
  /** Only in an expected observation: what it is silent about, since the model cannot know it. */
  readonly vague?: Vague;
}

/** What an expected observation is silent about. */
export interface Vague {
  /** Nothing at all is compared. */
  readonly everything: boolean;
  /** Stacks whose containers are compared only as far as they run. */
  readonly stacks: readonly string[];
  /** Containers that are not compared. */
  readonly containers: readonly string[];
  /** What may be left over, or not. */
  readonly leftovers: readonly string[];
}

/** A unit as the user manager has it loaded (`systemctl --user show`). */
export interface UnitSeen {
  readonly loadState: string;
  readonly fragmentPath: string;
  readonly dropInPaths: readonly string[];
  readonly unitFileState: string;
  readonly needDaemonReload: boolean;
  readonly activeState: string;
  readonly subState: string;
  readonly result: string;
  /** STACK_REVISION in the loaded Environment: which revision of the stack this definition was made for. */
  readonly revision: number | null;
  /** STACK_MARKER in the loaded Environment: `declared`, or the mark of a definition that drifted. */
  readonly marker: string | null;
  /** Whether ActiveEnterTimestamp moved since the last observation. */
  readonly restarted: boolean;
}

/** What a unit file or drop-in says, as far as it tells one definition from another. */
export interface UnitDefinition {
  readonly revision: number | null;
  readonly marker: string;
}

/** What stands at a path, by lstat and readlink (facts.md F3: FragmentPath alone cannot tell). */
export type OnDisk =
  | { readonly kind: 'generation'; readonly revision: number; readonly definition: UnitDefinition | null }
  | { readonly kind: 'file'; readonly definition: UnitDefinition | null }
  | { readonly kind: 'link'; readonly target: string; readonly definition: UnitDefinition | null }
  | { readonly kind: 'directory' };

/** A container (`podman inspect`): what it is made of, and what comes and goes. */
export interface ContainerSeen extends ContainerFields {
  /**
   * created, running, exited, … in podman's words, but for two: `dead` where podman says running and the process is
   * gone, `unwatched` where it runs and its conmon is gone (facts-debian13 F84, F86).
   */
  readonly state: string;
  /** starting, healthy, unhealthy; empty where there is no healthcheck. Old news once a container has stopped. */
  readonly health: string;
  /** Counts the containers seen so far for this service: a recreated one is the next. */
  readonly instance: number;
  /** Whether StartedAt moved since the last observation, for the same container. */
  readonly restarted: boolean;
}

/**
 * The fields that differ between two equal machines only by when they were looked at, or by how long something took, as
 * whether a unit failed by an exit status or by a timeout; an expected observation is silent on them.
 */
export const volatile = {
  unit: ['needDaemonReload', 'restarted', 'result', 'unitFileState'],
  container: ['health', 'instance', 'restarted'],
} as const;

/**
 * An observation without its volatile fields: two looks at the same state are equal. What `vague` names is left out too.
 */
export const lasting = ({ vague: _, ...seen }: Observation, vague: Vague = clear): unknown =>
  vague.everything
    ? {}
    : {
        ...seen,
        units: eachWithout(seen.units, volatile.unit),
        containers: eachWithout(compared(seen.containers, vague), volatile.container),
        leftovers: comparedLeftovers(seen.leftovers, vague),
      };

const clear: Vague = { everything: false, stacks: [], containers: [], leftovers: [] };

/** The containers that are compared: of a vague stack only those that run. */
function compared(containers: Observation['containers'], vague: Vague): Observation['containers'] {
  if (vague.stacks.length === 0 && vague.containers.length === 0) return containers;
  const kept = Object.entries(containers).filter(
    ([name, { state }]) =>
      !vague.containers.includes(name) && (state === 'running' || !vague.stacks.includes(name.split('/')[0] ?? '')),
  );
  return Object.fromEntries(kept);
}

const comparedLeftovers = (leftovers: readonly string[], vague: Vague): readonly string[] =>
  vague.leftovers.length === 0 ? leftovers : leftovers.filter(what => !vague.leftovers.includes(what));

function eachWithout(entries: Readonly<Record<string, object>>, fields: readonly string[]): Record<string, object> {
  const kept: Record<string, object> = {};
  for (const name in entries) kept[name] = without(entries[name] as object, fields);
  return kept;
}

const without = (entry: object, fields: readonly string[]): object =>
  Object.fromEntries(Object.entries(entry).filter(([name]) => !fields.includes(name)));

/** Whether two looks show the same, volatile fields apart. Asked after every operation, so it makes nothing. */
export const alike = (one: Observation, other: Observation): boolean =>
  one.vague?.everything === true ||
  other.vague?.everything === true ||
  (one.vague === undefined && other.vague === undefined
    ? same(one, other, one.containers, other.containers)
    : sameButFor(both(one.vague ?? clear, other.vague ?? clear), one, other));

const both = (one: Vague, other: Vague): Vague => ({
  everything: one.everything || other.everything,
  stacks: [...one.stacks, ...other.stacks],
  containers: [...one.containers, ...other.containers],
  leftovers: [...one.leftovers, ...other.leftovers],
});

const sameButFor = (vague: Vague, one: Observation, other: Observation): boolean =>
  same(
    { ...one, leftovers: comparedLeftovers(one.leftovers, vague) },
    { ...other, leftovers: comparedLeftovers(other.leftovers, vague) },
    compared(one.containers, vague),
    compared(other.containers, vague),
  );

const same = (
  one: Observation,
  other: Observation,
  containers: Observation['containers'],
  others: Observation['containers'],
): boolean =>
  one.manager === other.manager &&
  one.generation.profile === other.generation.profile &&
  one.generation.home === other.generation.home &&
  sameList(one.strayTimers, other.strayTimers) &&
  sameEntries(one.units, other.units, sameUnit) &&
  sameList(one.leftovers, other.leftovers) &&
  sameEntries(containers, others, sameContainer) &&
  sameEntries(one.files, other.files, sameOnDisk);

/** Whether two units are the same, volatile fields apart. */
export const sameUnit = (one: UnitSeen, other: UnitSeen): boolean =>
  one.loadState === other.loadState &&
  one.fragmentPath === other.fragmentPath &&
  sameList(one.dropInPaths, other.dropInPaths) &&
  one.activeState === other.activeState &&
  one.subState === other.subState &&
  one.revision === other.revision &&
  one.marker === other.marker;

type Made = Omit<ContainerSeen, (typeof volatile.container)[number]>;
type Named = Pick<ContainerFields, 'tag' | 'image'>;
const isDigest = /^@/;

/**
 * Whether two containers name their image alike. One that was made of a digest may go by a tag: asked over its socket,
 * podman takes the image's name for it where that has but one (seen on podman 5.4.2). It is the same where the build is.
 */
export const sameName = (one: Named, other: Named): boolean =>
  one.tag === other.tag || ((isDigest.test(one.tag) || isDigest.test(other.tag)) && one.image === other.image);

/** The same of two containers, be it what is seen of them or believed. */
export const sameContainer = (one: Made, other: Made): boolean =>
  one.state === other.state &&
  (one.effect === other.effect || one.state !== 'running') &&
  sameName(one, other) &&
  sameFields(one, other);

/** Whether the same stands at two paths, down to what it says. */
export function sameOnDisk(one: OnDisk, other: OnDisk): boolean {
  if (one === other) return true;
  if (one.kind === 'directory' || other.kind === 'directory') return one.kind === other.kind;
  if (one.kind === 'generation' && (other.kind !== 'generation' || one.revision !== other.revision)) return false;
  if (one.kind === 'link' && (other.kind !== 'link' || one.target !== other.target)) return false;
  return one.kind === other.kind && sameDefinition(one.definition, other.definition);
}

const sameDefinition = (one: UnitDefinition | null, other: UnitDefinition | null): boolean =>
  one === other || (one?.revision === other?.revision && one?.marker === other?.marker);

const sameList = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((word, index) => word === other[index]);

type Entries<T> = Readonly<Record<string, T>>;

function sameEntries<T>(one: Entries<T>, other: Entries<T>, same: (one: T, other: T) => boolean): boolean {
  let balance = 0;
  for (const name in one) {
    const [mine, theirs] = [one[name] as T, other[name]];
    if (theirs === undefined || (mine !== theirs && !same(mine, theirs))) return false;
    balance++;
  }
  for (const _ in other) balance--;
  return balance === 0;
}
