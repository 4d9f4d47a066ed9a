/** Colours by job: what is declared. */
export type Colours = Readonly<Record<string, string>>;

/** What we believe of the toy: jobs that run in the colour that their file names, and a history of declarations. */
export interface ToyWorld {
  readonly generations: readonly Colours[];
  readonly pointer: number;
  /** By job; a file that was removed is absent. */
  readonly files: Colours;
  /** The colour that each job runs in; one that is stopped is absent. */
  readonly running: Colours;
  /** How many volumes are mounted, by job; none is absent. */
  readonly mounts: Readonly<Record<string, number>>;
}

/** What the toy shows. */
export interface ToySeen {
  readonly generation: number;
  readonly files: Colours;
  readonly running: Colours;
  readonly volumes: readonly string[];
}

/** Names of jobs and colours, simplest first. */
export const jobs = ['a', 'b', 'c'] as const;
export const colours = ['red', 'green', 'blue'] as const;

/** What is declared now. */
export const declared = (world: ToyWorld): Colours => world.generations[world.pointer] as Colours;

/** What a faultless toy shows. */
export const toyExpectation = (world: ToyWorld): ToySeen => ({
  generation: world.pointer,
  files: world.files,
  running: world.running,
  volumes: volumesOf(world.mounts),
});

/** Whether a toy shows that: a quick answer, before its expectation is made. */
export const toyShows = (world: ToyWorld, seen: ToySeen): boolean =>
  seen.generation === world.pointer &&
  seen.files === world.files &&
  seen.running === world.running &&
  sameList(seen.volumes, volumesOf(world.mounts));

function sameList(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

/** Asked for after every step, and mostly for the same mounts. */
function volumesOf(mounts: ToyWorld['mounts']): readonly string[] {
  let volumes = known.get(mounts);
  if (volumes === undefined) {
    volumes = jobs.flatMap(job => Array.from({ length: mounts[job] ?? 0 }, (_, index) => `${job}-${index + 1}`));
    known.set(mounts, volumes);
  }
  return volumes;
}

const known = new WeakMap<ToyWorld['mounts'], readonly string[]>();

/** The world with some fields changed, with the same layout as every other (models/world.ts, laidOut). */
export const changed = (world: ToyWorld, change: Partial<ToyWorld>): ToyWorld => ({
  generations: change.generations ?? world.generations,
  pointer: change.pointer ?? world.pointer,
  files: change.files ?? world.files,
  running: change.running ?? world.running,
  mounts: change.mounts ?? world.mounts,
});

/** The record without one job; the same one where it has no such job. */
export const withoutKey = <T>(record: Readonly<Record<string, T>>, job: string): Readonly<Record<string, T>> =>
  job in record ? inOrder(record, job, false) : record;

/** The record with one job changed. */
export const having = <T>(record: Readonly<Record<string, T>>, job: string, value: T): Readonly<Record<string, T>> =>
  inOrder(record, job, true, value);

/** A record with one job in it, or not, and the others as they are: always the same object for the same content. */
function inOrder<T>(record: Readonly<Record<string, T>>, job: string, isThere: boolean, value?: T): Record<string, T> {
  const now = isThere ? value : absent;
  return recordOf(
    job === 'a' ? now : 'a' in record ? record.a : absent,
    job === 'b' ? now : 'b' in record ? record.b : absent,
    job === 'c' ? now : 'c' in record ? record.c : absent,
  ) as Record<string, T>;
}

/** In place of a value. A plan that supposes that a job without a file was started has a job that runs in no colour. */
const absent = Symbol('absent');

/** The record with these values, in a fixed order, so that there are few object layouts. */
function recordOf(a: unknown, b: unknown, c: unknown): object {
  const within = below(below(records, a), b);
  let record = within.get(c);
  if (record === undefined) {
    record = { ...(a !== absent && { a }), ...(b !== absent && { b }), ...(c !== absent && { c }) };
    within.set(c, record);
  }
  return record;
}

/** There are few: who compares two of them needs to look at no field, and what is made of one is made once. */
const records: Tree<Tree<Map<unknown, object>>> = new Map();

type Tree<T> = Map<unknown, T>;

function below<T extends Map<unknown, unknown>>(tree: Tree<T>, value: unknown): T {
  let found = tree.get(value);
  if (found === undefined) {
    found = new Map() as T;
    tree.set(value, found);
  }
  return found;
}

const first = recordOf('red', 'red', absent) as Colours;

/** What stands after a reset. */
export const toyStart: ToyWorld = {
  generations: [first],
  pointer: 0,
  files: first,
  running: first,
  mounts: recordOf(absent, absent, absent) as ToyWorld['mounts'],
};
