import { mayBeSame } from './machine/builds.ts';
import { type ContainerFields, sameFields } from './machine/container-fields.ts';

/**
 * What a machine shows, read-only and normalised, so that two equal machines give equal JSON. Paths begin with `~` or `%t`
 * where they can; ids become versions; times become "changed since the last look, or not".
 */
export interface Observation {
  /** `degraded` counts as running, because every failing health probe switches it on and off (facts-debian13 F95). */
  readonly manager: 'running' | 'down';
  readonly generation: {
    /** Revision of the generation that the Nix profile points at: the one of the last rebuild, activated or not. */
    readonly profile: number | null;
    /** Revision of the last complete activation (Home Manager's `current-home`, facts.md F24). */
    readonly home: number | null;
  };
  /** Loaded units by name; empty while the manager is down. */
  readonly units: Readonly<Record<string, UnitSeen>>;
  /** Everything in the search path for a stack unit: units, wants links, drop-ins. By normalised path. */
  readonly files: Readonly<Record<string, OnDisk>>;
  /** Containers by `stack/service`; a second one for the same service is `stack/service#2`. */
  readonly containers: Readonly<Record<string, ContainerSeen>>;
  /** Health timers whose container does not run, by unit name without ids (facts.md F56, F58). */
  readonly strayTimers: readonly string[];
  /**
   * Leftovers that belong to no container: `network web_default`, `pod pod_web`, `volume …`, `mount …`, or a temporary `file …`
   * that was not there at the start; sorted, without ids.
   */
  readonly leftovers: readonly string[];
  /**
   * Named volumes of compose projects by podman's names for them: how many were seen of the name so far. One that was made anew is
   * the next, and empty. Absent if there never were any, or podman could not be asked. Never compared.
   */
  readonly volumes?: Readonly<Record<string, number>>;
  /** What is otherwise around the stacks than right after the reset; absent where nothing is. Never compared. */
  readonly around?: Beside;
  /** Only in an expected observation: what it does not state, because the model cannot know it. */
  readonly vague?: Vague;
}

/**
 * What is otherwise around the stacks than at the first look after the reset. What stood there then is nobody's doing, and neither
 * is what the owner links, nor what podman makes for its containers (facts.md F124).
 */
export interface Beside {
  /** Units of the user manager: `started` or `failed` where they did not run, `ended` where a timer or path did. */
  readonly units: Readonly<Record<string, 'started' | 'failed' | 'ended'>>;
  /** Files and links of the search path that are no stack's, by normalised path. */
  readonly unitFiles: Readonly<Record<string, 'new' | 'gone' | 'changed'>>;
  /** Variables of the user manager's environment. */
  readonly environment: Readonly<Record<string, 'new' | 'gone' | 'changed'>>;
  /** Whether linger is on. */
  readonly linger: boolean;
  /** The operator's processes that are no container's and no running unit's: `sleep in web-stack.service`. */
  readonly processes: readonly string[];
  /** Entries of the runtime directory, by name. */
  readonly runtime: readonly string[];
  /** Files that others may read, with the value of a secret in them, by normalised path. */
  readonly readable: readonly string[];
  /** Whole MiB that were written in the operator's own places, without podman's store. */
  readonly written: number;
  /** What the operator's units told the journal since the last look, at priority err or worse: `web-stack.service: FATAL`. */
  readonly errors: readonly string[];
  /** Containers that ended by SIGKILL since the last look, by `stack/service`. */
  readonly killed: readonly string[];
}

/** What a machine shows around the stacks where nothing is otherwise. */
export const quietAround: Beside = {
  units: {},
  unitFiles: {},
  environment: {},
  linger: true,
  processes: [],
  runtime: [],
  readable: [],
  written: 0,
  errors: [],
  killed: [],
};

/** The same with linger off. */
export const notLingering: Beside = { ...quietAround, linger: false };

/** What an expected observation does not state. */
export interface Vague {
  /** Nothing at all is compared. */
  readonly everything: boolean;
  /** Stacks of which only the running containers are compared. */
  readonly stacks: readonly string[];
  /** Containers that are not compared. */
  readonly containers: readonly string[];
  /** Leftovers that may be there or not. */
  readonly leftovers: readonly string[];
  /** By container, the builds that it may run (machine/builds.ts), where there is more than one. */
  readonly builds?: Readonly<Record<string, string>>;
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
  /** STACK_REVISION in the loaded Environment: the revision of the stack for which this definition was made. */
  readonly revision: number | null;
  /** STACK_MARKER in the loaded Environment: `declared`, or the mark of a definition that drifted. */
  readonly marker: string | null;
  /** Whether ActiveEnterTimestamp changed since the last observation. */
  readonly restarted: boolean;
  /** How often a start was begun since the last observation, whatever came of it; null where the journal does not tell (facts.md F110). */
  readonly starts: number | null;
  /**
   * Number of the text, variables included, that is loaded of it, among those seen so far: one that is loaded with another text has
   * another number. Always 1 where a definition has just one text.
   */
  readonly text: number;
}

/** The content of a unit file or drop-in, as far as it tells one definition from another. */
export interface UnitDefinition {
  readonly revision: number | null;
  readonly marker: string;
}

/** What is at a path, by lstat and readlink (facts.md F3: FragmentPath alone cannot tell). */
export type OnDisk =
  | { readonly kind: 'generation'; readonly revision: number; readonly definition: UnitDefinition | null }
  | { readonly kind: 'file'; readonly definition: UnitDefinition | null }
  | { readonly kind: 'link'; readonly target: string; readonly definition: UnitDefinition | null }
  | { readonly kind: 'directory' };

/** A container (`podman inspect`): what it is made of, and its state. */
export interface ContainerSeen extends ContainerFields {
  /**
   * created, running, exited, … as podman says, with two exceptions: `dead` where podman says running and the process is gone,
   * `unwatched` where it runs and its conmon is gone (facts-debian13 F84, F86).
   */
  readonly state: string;
  /** starting, healthy, unhealthy; empty where there is no healthcheck. Out of date once a container has stopped. */
  readonly health: string;
  /** Number of the container among those seen so far for this service: a recreated one has the next number. */
  readonly instance: number;
  /** Whether StartedAt changed since the last observation, for the same container. */
  readonly restarted: boolean;
  /** Number of all its environment variables among those seen so far for this service; 1 as `text`. */
  readonly variables: number;
}

/**
 * The fields that may differ between two equal machines, because of when they were looked at or how long something took (for
 * example, whether a unit failed by an exit status or by a timeout). An expected observation does not state them.
 */
export const volatile = {
  unit: ['needDaemonReload', 'restarted', 'result', 'starts', 'text', 'unitFileState'],
  container: ['health', 'instance', 'restarted', 'variables'],
} as const;

/** An observation without its volatile fields: two looks at the same state are equal. What `vague` names is removed too. */
export const lasting = ({ vague: _, volumes: __, around: ___, ...seen }: Observation, vague: Vague = clear): unknown =>
  vague.everything
    ? {}
    : {
        ...seen,
        units: eachWithout(seen.units, volatile.unit),
        containers: eachWithout(
          withoutEffect(asFarAsKnown(compared(seen.containers, vague), vague)),
          volatile.container,
        ),
        leftovers: comparedLeftovers(seen.leftovers, vague),
      };

const clear: Vague = { everything: false, stacks: [], containers: [], leftovers: [] };

/** The containers that are compared; of a vague stack only the running ones. */
function compared(containers: Observation['containers'], vague: Vague): Observation['containers'] {
  if (vague.stacks.length === 0 && vague.containers.length === 0) return containers;
  const kept = Object.entries(containers).filter(
    ([name, { state }]) =>
      !vague.containers.includes(name) && (state === 'running' || !vague.stacks.includes(name.split('/')[0] ?? '')),
  );
  return Object.fromEntries(kept);
}

/** The containers, with all builds that may run in place of one of them. */
function asFarAsKnown(containers: Observation['containers'], { builds }: Vague): Observation['containers'] {
  if (builds === undefined) return containers;
  const all = { ...containers };
  for (const name in builds) {
    const [container, build] = [all[name], builds[name] as string];
    if (container !== undefined && mayBeSame(container.image, build)) all[name] = { ...container, image: build };
  }
  return all;
}

/** The containers without what shows only in one that runs, where they do not. */
export const withoutEffect = (containers: Observation['containers']): Observation['containers'] =>
  Object.fromEntries(
    Object.entries(containers).map(([name, one]) => [name, one.state === 'running' ? one : { ...one, effect: '' }]),
  );

const comparedLeftovers = (leftovers: readonly string[], vague: Vague): readonly string[] =>
  vague.leftovers.length === 0 ? leftovers : leftovers.filter(what => !vague.leftovers.includes(what));

/** Each entry without these fields. */
export function eachWithout(
  entries: Readonly<Record<string, object>>,
  fields: readonly string[],
): Record<string, object> {
  const kept: Record<string, object> = {};
  for (const name in entries) kept[name] = without(entries[name] as object, fields);
  return kept;
}

const without = (entry: object, fields: readonly string[]): object =>
  Object.fromEntries(Object.entries(entry).filter(([name]) => !fields.includes(name)));

/** Whether two looks show the same, without the volatile fields. Asked after every operation, so it allocates nothing. */
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
  ...((one.builds ?? other.builds) && { builds: { ...one.builds, ...other.builds } }),
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

/** Whether two units are the same, without the volatile fields. */
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
 * Whether two containers have the same image name. For a container that was made by digest podman may give a tag over its
 * socket, where the image has only one name (seen on podman 5.4.2). It is the same if the build is.
 */
export const sameName = (one: Named, other: Named): boolean =>
  one.tag === other.tag || ((isDigest.test(one.tag) || isDigest.test(other.tag)) && mayBeSame(one.image, other.image));

/** The same for two containers, observed or believed. */
export const sameContainer = (one: Made, other: Made): boolean =>
  one.state === other.state &&
  (one.effect === other.effect || one.state !== 'running') &&
  sameName(one, other) &&
  sameFields(one, other);

/** Whether two paths have the same thing, including its content. */
export function sameOnDisk(one: OnDisk, other: OnDisk): boolean {
  if (one === other) return true;
  if (one.kind === 'directory' || other.kind === 'directory') return one.kind === other.kind;
  if (one.kind === 'generation' && (other.kind !== 'generation' || one.revision !== other.revision)) return false;
  if (one.kind === 'link' && (other.kind !== 'link' || one.target !== other.target)) return false;
  return one.kind === other.kind && sameDefinition(one.definition, other.definition);
}

const sameDefinition = (one: UnitDefinition | null, other: UnitDefinition | null): boolean =>
  one === other || (one?.revision === other?.revision && one?.marker === other?.marker);

/** Whether two lists have the same words in the same order. */
export const sameList = (one: readonly string[], other: readonly string[]): boolean =>
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
