import seedrandom from 'seedrandom';
import { type Declaration, edited, type ServiceDeclaration } from '../../../models/declaration.ts';
import type { Claim, Levers, Placed, Verb } from '../../../models/host.ts';
import { dropInPath, searchPath, unitOf, unitPath, wantsPath } from '../../../models/search-path.ts';
import type { Setup } from '../../../models/world.ts';

/** One call of a lever, with the words by which a report names it. */
export interface Call {
  readonly title: string;
  readonly make: (levers: Levers) => Promise<Claim>;
}

/**
 * Calls of levers as no operator would make them: every lever, every directory and every kind, without a thought of
 * what is allowed. The simulator must show what a real machine shows after each of them.
 */
export function randomCalls(setup: Setup, seed: string, length: number): readonly Call[] {
  const random = seedrandom(seed);
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  let declaration = setup.declaration;
  const stacks = Object.keys(setup.declaration.stacks);

  const rebuild = (next: Declaration, why: string): Call => {
    declaration = next;
    return { title: `rebuild ${next.revision} (${why})`, make: levers => levers.rebuild(next) };
  };
  const drawers: readonly (() => Call)[] = [
    () => rebuild(declaration, 'no change'),
    () => rebuild(...mutated(declaration, one, setup.versions)),
    () => rebuild(...mutated(declaration, one, setup.versions)),
    () => ({ title: 'rollback', make: levers => levers.rollback() }),
    () => verbCall(one<Verb>(['restart', 'restart', 'start', 'stop']), unitOf(one(stacks))),
    () => verbCall('restart', unitOf(one(stacks))),
    () => verbCall('daemon-reload'),
    () => verbCall('daemon-reload'),
    () => managerCall(one(['stop', 'start', 'start'] as const)),
    () => placeCall(one, one(stacks), 'usual'),
    () => placeCall(one, one(stacks), 'usual'),
    () => placeCall(one, one(stacks), 'any'),
    () => clearCall(one, one(stacks)),
    () => {
      const stack = one(stacks);
      const service = one([...Object.keys(declaration.stacks[stack]?.services ?? {}), 'gone']);
      const action = one(['stop', 'remove'] as const);
      return { title: `${action} ${stack}/${service}`, make: levers => levers.container(action, stack, service) };
    },
    () => {
      const version = one(setup.versions);
      return { title: `publish ${version}`, make: levers => levers.publish('stable', version) };
    },
    () => ({ title: 'auto-update', make: levers => levers.autoUpdate() }),
    () => {
      const name = one(stacks);
      const present = random() < 0.6;
      const title = `${present ? 'give back' : 'take away'} ${name}`;
      return { title, make: levers => levers.secret(name, present ? 'present' : 'missing') };
    },
  ];
  return Array.from({ length }, () => one(drawers)());
}

type One = <T>(list: readonly T[]) => T;

const verbCall = (verb: Verb, unit?: string): Call => ({
  title: `systemctl ${verb} ${unit ?? ''}`,
  make: levers => levers.systemctl(verb, unit),
});

const managerCall = (action: 'stop' | 'start'): Call => ({
  title: `${action} the manager`,
  make: levers => levers.manager(action),
});

const kinds: readonly Placed[] = [
  { kind: 'edited', marker: 'edited' },
  { kind: 'foreign', marker: 'foreign' },
  { kind: 'drop-in', marker: 'drop-in' },
  { kind: 'identical' },
  { kind: 'stale' },
  { kind: 'mask' },
  { kind: 'empty' },
  { kind: 'dangling' },
  { kind: 'directory' },
  { kind: 'nothing' },
];

/** Something at a path: the usual places and kinds, or any. */
function placeCall(one: One, stack: string, how: 'usual' | 'any'): Call {
  const directory = one(searchPath);
  const owner = '~/.config/systemd/user';
  const any = () => [one([unitPath, dropInPath, wantsPath])(directory, stack), one(kinds)] as const;
  const usual = () =>
    one([
      [unitPath(owner, stack), one(kinds)] as const,
      [dropInPath(directory, stack), { kind: 'drop-in', marker: one(['drop-in', 'other']) }] as const,
      [unitPath(directory, stack), { kind: 'edited', marker: 'shadow' }] as const,
    ]);
  const [path, what] = how === 'any' ? any() : usual();
  return { title: `put ${what.kind} at ${path}`, make: levers => levers.place(path, what) };
}

/** Takes something away, so that drift does not only grow. */
function clearCall(one: One, stack: string): Call {
  const path = one([unitPath, dropInPath])(one(searchPath), stack);
  return { title: `clear ${path}`, make: levers => levers.place(path, { kind: 'nothing' }) };
}

function mutated(declaration: Declaration, one: One, versions: readonly string[]): [Declaration, string] {
  const stack = one(Object.keys(declaration.stacks));
  const services = declaration.stacks[stack]?.services ?? {};
  const service = one(Object.keys(services));
  const now = services[service] as ServiceDeclaration;
  const change = (next: Partial<ServiceDeclaration>) => ({ ...services, [service]: { ...now, ...next } });
  const [after, why] = one([
    () => [change({ greeting: now.greeting === 'hello' ? 'goodbye' : 'hello' }), 'greeting'] as const,
    () => [change({ tag: one(['stable', ...versions]) }), 'tag'] as const,
    () => [change({ healthcheck: now.healthcheck === 'none' ? 'passing' : 'none' }), 'healthcheck'] as const,
    () => [change({ autoUpdate: !now.autoUpdate }), 'auto-update label'] as const,
    () => [renamed(services, service), 'rename'] as const,
  ])();
  return [edited(declaration, stack, () => after), `${why} of ${stack}/${service}`];
}

function renamed(services: Readonly<Record<string, ServiceDeclaration>>, from: string) {
  const to = from.endsWith('2') ? from.slice(0, -1) : `${from}2`;
  const name = (old: string) => (old === from ? to : old);
  const entries = Object.entries(services).map(
    ([service, now]) => [name(service), { ...now, dependsOn: now.dependsOn.map(name) }] as const,
  );
  return Object.fromEntries(entries);
}
