import { type Claim, Sick } from '../../../models/host.ts';
import type { Draw } from '../plan/random.ts';
import type { Machine } from '../types.ts';
import { type Colours, having, jobs, type ToySeen, withoutKey } from './world.ts';

/** What can be done to the toy. */
export interface ToyLevers {
  install(declaration: Colours): Promise<Claim>;
  rollback(): Promise<Claim>;
  job(verb: 'start' | 'stop' | 'restart', job: string): Promise<Claim>;
  write(job: string, colour: string | null): Promise<Claim>;
  mount(job: string): Promise<Claim>;
}

/** The bugs that can be planted, and other faults of the toy. */
export interface Faults {
  /** An install keeps the edited file of a stopped job. */
  readonly drift?: boolean;
  /** Dropping a stopped job leaves its second volume behind. */
  readonly leak?: boolean;
  /** A rollback from the third generation or later forgets the files of stopped jobs. */
  readonly rollback?: boolean;
  /** The third restart runs in the wrong colour: no invariant says so, only the comparison. */
  readonly restart?: boolean;
  /** The share of runs in which the planted bugs act, drawn at each reset; all of them by default. */
  readonly shows?: number;
  /** The probability that an operation fails for no reason, and that the connection breaks. */
  readonly flaky?: number;
  readonly sick?: number;
  readonly draw?: Draw;
}

/** The toy, with a count of everything that was done to it. */
export interface Toy extends ToyLevers, Machine<ToySeen> {
  readonly count: { operations: number; resets: number; evidence: number };
}

/** The state of a toy. Read-only fields are never changed in place, so that copies share them. */
export interface ToyState {
  generations: readonly Colours[];
  pointer: number;
  files: Colours;
  running: Colours;
  volumes: readonly string[];
  restarts: number;
}

export const fresh = (): ToyState => ({
  generations: [{ a: 'red', b: 'red' }],
  pointer: 0,
  files: { a: 'red', b: 'red' },
  running: { a: 'red', b: 'red' },
  volumes: [],
  restarts: 0,
});

/** What is seen of a toy. */
export const seenOf = ({ pointer, files, running, volumes }: ToyState): ToySeen => ({
  generation: pointer,
  files,
  running,
  volumes: volumes.length < 2 ? volumes : [...volumes].sort(),
});

const fine: Claim = { ok: true, status: 0, message: '' };
const failed = (message: string): Claim => ({ ok: false, status: 1, message });

/** A machine written independently of the model, as a simulator must be. */
export function toy(faults: Faults = {}): Toy {
  let state = fresh();
  let bugs = faults;
  const count = { operations: 0, resets: 0, evidence: 0 };
  const chance = faults.draw ?? (() => 1);
  const lever = async (work: (state: ToyState) => Claim): Promise<Claim> => {
    count.operations++;
    if (chance() < (faults.sick ?? 0)) throw new Sick('the way to the toy is dead');
    if (chance() < (faults.flaky ?? 0)) return failed('busy');
    return work(state);
  };
  return {
    name: 'toy',
    count,
    async reset() {
      count.resets++;
      state = fresh();
      if (faults.shows !== undefined) bugs = chance() < faults.shows ? faults : {};
    },
    settle: async () => ({ rested: true, waiting: [] }),
    observe: async () => seenOf(state),
    async evidence() {
      count.evidence++;
      return `${count.operations} operations`;
    },
    install: declaration => lever(state => install(state, declaration, bugs)),
    rollback: () => lever(state => rollback(state, bugs)),
    job: (verb, job) => lever(state => jobVerb(state, verb, job, bugs)),
    write: (job, colour) => lever(state => write(state, job, colour)),
    mount: job => lever(state => mount(state, job)),
  };
}

/** The same levers on the toy that `at` returns, answering at once. */
export const leversAtOnce = (now: { state: ToyState }, faults: Faults) => ({
  install: (declaration: Colours) => install(now.state, declaration, faults),
  rollback: () => rollback(now.state, faults),
  job: (verb: string, job: string) => jobVerb(now.state, verb, job, faults),
  write: (job: string, colour: string | null) => write(now.state, job, colour),
  mount: (job: string) => mount(now.state, job),
});

function install(state: ToyState, declaration: Colours, faults: Faults): Claim {
  const before = state.generations[state.pointer] as Colours;
  const edited = jobs.filter(job => job in state.files && state.files[job] !== before[job]);
  if (jobs.some(job => declaration[job] !== before[job])) {
    state.generations = [...state.generations.slice(0, state.pointer + 1), declaration];
    state.pointer++;
  }
  const keeps = (job: string): boolean => edited.some(one => one === job) && !(job in state.running);
  return activate(state, job => faults.drift === true && keeps(job), faults);
}

function rollback(state: ToyState, faults: Faults): Claim {
  const forgets = faults.rollback === true && state.pointer >= 2;
  state.pointer--;
  return activate(state, job => forgets && !(job in state.running) && job in state.files, faults);
}

/** Makes files and running jobs as declared; a job that was stopped stays stopped, a new one is started. */
function activate(state: ToyState, keeps: (job: string) => boolean, faults: Faults): Claim {
  const declaration = state.generations[state.pointer] as Colours;
  for (const job of jobs) {
    const colour = declaration[job];
    if (colour === undefined) {
      drop(state, job, faults);
      continue;
    }
    if (job in state.running || !(job in state.files)) state.running = set(state.running, job, colour);
    if (!keeps(job)) state.files = set(state.files, job, colour);
  }
  return fine;
}

const set = (all: Colours, job: string, colour: string): Colours =>
  all[job] === colour ? all : having(all, job, colour);

function drop(state: ToyState, job: string, faults: Faults): void {
  const left = faults.leak === true && !(job in state.running) ? `${job}-2` : '';
  if (state.volumes.length > 0) {
    state.volumes = state.volumes.filter(volume => !volume.startsWith(`${job}-`) || volume === left);
  }
  state.files = withoutKey(state.files, job);
  state.running = withoutKey(state.running, job);
}

function jobVerb(state: ToyState, verb: string, job: string, faults: Faults): Claim {
  if (verb === 'stop') {
    state.running = withoutKey(state.running, job);
    return fine;
  }
  const colour = state.files[job];
  if (colour === undefined) return failed(`no file for job ${job}`);
  if (verb === 'restart') state.restarts++;
  const isWrong = verb === 'restart' && faults.restart === true && state.restarts >= 3;
  state.running = set(state.running, job, isWrong ? 'grey' : colour);
  return fine;
}

function write(state: ToyState, job: string, colour: string | null): Claim {
  state.files = colour === null ? withoutKey(state.files, job) : set(state.files, job, colour);
  return fine;
}

function mount(state: ToyState, job: string): Claim {
  const mounted = state.volumes.filter(volume => volume.startsWith(`${job}-`)).length;
  state.volumes = [...state.volumes, `${job}-${mounted + 1}`];
  return fine;
}
