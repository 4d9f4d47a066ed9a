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

const first: Colours = { a: 'red', b: 'red' };

/** What stands after a reset. */
export const toyStart: ToyWorld = { generations: [first], pointer: 0, files: first, running: first, mounts: {} };

/** What is declared now. */
export const declared = (world: ToyWorld): Colours => world.generations[world.pointer] as Colours;

/** What a faultless toy shows. */
export const expectedObservation = (world: ToyWorld): ToySeen => ({
  generation: world.pointer,
  files: world.files,
  running: world.running,
  volumes: volumesOf(world.mounts),
});

/** Asked for at every step, and mostly of the same mounts. */
function volumesOf(mounts: ToyWorld['mounts']): readonly string[] {
  let volumes = known.get(mounts);
  if (volumes === undefined) {
    volumes = jobs.flatMap(job => Array.from({ length: mounts[job] ?? 0 }, (_, index) => `${job}-${index + 1}`));
    known.set(mounts, volumes);
  }
  return volumes;
}

const known = new WeakMap<ToyWorld['mounts'], readonly string[]>();

/** The record without one key; the same one where it has no such key. */
export function withoutKey<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  if (!(key in record)) return record;
  const { [key]: _gone, ...rest } = record;
  return rest;
}
