import type { Args, Operation } from '../../../models/operation.ts';
import { activated, installed } from './activation.ts';
import type { ToyLevers } from './machine.ts';
import { changed, colours, declared, having, jobs, type ToyWorld, withoutKey } from './world.ts';

type ToyOperation<A extends Args> = Operation<A, ToyWorld, ToyLevers>;
type Job = { job: string };
type Painted = { job: string; colour: string };

const declaredJobs = (world: ToyWorld): Job[] => jobs.filter(job => job in declared(world)).map(job => ({ job }));
const painted = (world: ToyWorld, now: Readonly<Record<string, string>>): Painted[] =>
  declaredJobs(world).flatMap(({ job }) =>
    colours.filter(colour => colour !== now[job]).map(colour => ({ job, colour })),
  );

const paint: ToyOperation<Painted> = {
  kind: 'command',
  role: 'rebuild',
  needs: [],
  describe: ({ job, colour }) => `declare job ${job} to be ${colour}`,
  choices: world => painted(world, declared(world)),
  allowed: (world, { job, colour }) => job in declared(world) && declared(world)[job] !== colour,
  apply: (host, { job, colour }, world) => host.install(having(declared(world), job, colour)),
  expected: (world, { job, colour }, claim) =>
    claim.ok ? installed(world, having(declared(world), job, colour)) : world,
};

const add: ToyOperation<Job> = {
  kind: 'command',
  role: 'rebuild',
  needs: [],
  describe: ({ job }) => `declare the new job ${job}`,
  choices: world => jobs.filter(job => !(job in declared(world))).map(job => ({ job })),
  allowed: (world, { job }) => !(job in declared(world)),
  apply: (host, { job }, world) => host.install(having(declared(world), job, 'red')),
  expected: (world, { job }, claim) => (claim.ok ? installed(world, having(declared(world), job, 'red')) : world),
};

const drop: ToyOperation<Job> = {
  kind: 'command',
  role: 'rebuild',
  needs: [],
  describe: ({ job }) => `declare job ${job} no more`,
  choices: declaredJobs,
  allowed: (world, { job }) => job in declared(world),
  apply: (host, { job }, world) => host.install(withoutKey(declared(world), job)),
  expected: (world, { job }, claim) => (claim.ok ? installed(world, withoutKey(declared(world), job)) : world),
};

const rebuild: ToyOperation<Args> = {
  kind: 'command',
  role: 'rebuild',
  needs: [],
  describe: () => 'install what is declared once more',
  choices: () => [{}],
  allowed: () => true,
  apply: (host, _args, world) => host.install(declared(world)),
  expected: (world, _args, claim) => (claim.ok ? activated(world) : world),
};

const rollback: ToyOperation<Args> = {
  kind: 'command',
  role: 'rollback',
  needs: [],
  describe: () => 'go back to the generation before',
  choices: world => (world.pointer > 0 ? [{}] : []),
  allowed: world => world.pointer > 0,
  apply: host => host.rollback(),
  expected: (world, _args, claim) => (claim.ok ? activated(changed(world, { pointer: world.pointer - 1 })) : world),
};

const verb = (name: 'start' | 'restart'): ToyOperation<Job> => ({
  kind: 'command',
  role: 'start',
  needs: [],
  describe: ({ job }) => `${name} job ${job}`,
  choices: world => declaredJobs(world).filter(({ job }) => name === 'restart' || !(job in world.running)),
  allowed: (world, { job }) => job in declared(world) && (name === 'restart' || !(job in world.running)),
  apply: (host, { job }) => host.job(name, job),
  mayFail: (world, { job }) => (job in world.files ? [] : [`job ${job} has no file`]),
  expected: (world, { job }, claim) =>
    claim.ok ? changed(world, { running: having(world.running, job, world.files[job] as string) }) : world,
});

const stop: ToyOperation<Job> = {
  kind: 'command',
  role: 'start',
  needs: [],
  describe: ({ job }) => `stop job ${job}`,
  choices: world => declaredJobs(world).filter(({ job }) => job in world.running),
  allowed: (world, { job }) => job in world.running,
  apply: (host, { job }) => host.job('stop', job),
  expected: (world, { job }, claim) => (claim.ok ? changed(world, { running: withoutKey(world.running, job) }) : world),
};

const edit: ToyOperation<Painted> = {
  kind: 'drift',
  role: 'drift',
  needs: [],
  describe: ({ job, colour }) => `edit the file of job ${job} to say ${colour}`,
  choices: world => painted(world, world.files),
  allowed: (world, { job, colour }) => job in declared(world) && world.files[job] !== colour,
  apply: (host, { job, colour }) => host.write(job, colour),
  expected: (world, { job, colour }, claim) =>
    claim.ok ? changed(world, { files: having(world.files, job, colour) }) : world,
};

const unlink: ToyOperation<Job> = {
  kind: 'drift',
  role: 'drift',
  needs: [],
  describe: ({ job }) => `remove the file of job ${job}`,
  choices: world => declaredJobs(world).filter(({ job }) => job in world.files),
  allowed: (world, { job }) => job in world.files,
  apply: (host, { job }) => host.write(job, null),
  expected: (world, { job }, claim) => (claim.ok ? changed(world, { files: withoutKey(world.files, job) }) : world),
};

const mount: ToyOperation<Job> = {
  kind: 'command',
  role: 'start',
  needs: [],
  describe: ({ job }) => `mount another volume for job ${job}`,
  choices: world => declaredJobs(world).filter(({ job }) => (world.mounts[job] ?? 0) < 3),
  allowed: (world, { job }) => job in declared(world) && (world.mounts[job] ?? 0) < 3,
  apply: (host, { job }) => host.mount(job),
  expected: (world, { job }, claim) =>
    claim.ok ? changed(world, { mounts: having(world.mounts, job, (world.mounts[job] ?? 0) + 1) }) : world,
};

const all = {
  add,
  drop,
  edit,
  mount,
  paint,
  rebuild,
  restart: verb('restart'),
  rollback,
  start: verb('start'),
  stop,
  unlink,
};

/** The frozen catalog of the toy: tests pin what it finds. */
export const operations = new Map(Object.entries(all)) as ReadonlyMap<string, ToyOperation<Args>>;
