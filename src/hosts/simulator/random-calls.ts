import seedrandom from 'seedrandom';
import type { Claim, Handling, Levers, Placed, Updating, Verb } from '../../../models/host.ts';
import type { Declaration } from '../../../models/machine/declaration.ts';
import { dropInPath, levels, searchPath, unitOf, unitPath, wantsPath } from '../../../models/machine/search-path.ts';
import { spareSecrets } from '../../../models/transitions/secrets.ts';
import type { ModelConfig } from '../../../models/world.ts';
import { mutated, type One } from './random-declarations.ts';

/** One call of a lever, with the words that name it in a report. */
export interface Call {
  /** What it is counted as: the lever or the operation. */
  readonly kind: string;
  readonly title: string;
  readonly make: (levers: Levers) => Promise<Claim>;
}

const verbs: readonly Verb[] = [
  ...([
    'start',
    'stop',
    'try-restart',
    'reload',
    'enable',
    'disable',
    'mask',
    'mask --runtime',
    'mask --force',
  ] as const),
  ...(['unmask', 'edit', 'set-property', 'revert', 'reset-failed', 'kill'] as const),
];
const handlings: readonly Handling[] = ['stop', 'remove', 'kill', 'kill-conmon', 'kill-both', 'rename'];

/**
 * Random calls of levers, also those that no operator would make: every lever, directory and kind, without asking what is
 * allowed. The simulator must show what a real machine shows after each of them.
 */
export function randomCalls(setup: ModelConfig, seed: string, length: number): readonly Call[] {
  const random = seedrandom(seed);
  const one: One = list => list[Math.floor(random() * list.length)] as never;
  let { declaration } = setup;
  const stacks = Object.keys(declaration.stacks);
  const rebuild = (next: Declaration, why: string): Call => {
    declaration = next;
    return { kind: 'rebuild', title: `rebuild ${next.revision} (${why})`, make: levers => levers.rebuild(next) };
  };
  const edit = () => rebuild(...mutated(declaration, one, setup.versions));
  const drawers: readonly (() => Call)[] = [
    () => rebuild(declaration, 'no change'),
    ...[edit, edit, edit],
    () => ({ kind: 'rollback', title: 'rollback', make: levers => levers.rollback() }),
    () => verbCall('restart', unitOf(one(stacks))),
    () => verbCall('restart', unitOf(one(stacks))),
    () => verbCall(one(verbs), unitOf(one(stacks))),
    () => verbCall(one(verbs), unitOf(one([...stacks, 'extra']))),
    () => verbCall('daemon-reload'),
    () => verbCall(one(['daemon-reload', 'daemon-reexec'])),
    () => managerCall(one(['stop', 'start', 'start'] as const)),
    () => placeCall(one, one(stacks), 'usual'),
    () => placeCall(one, one(stacks), 'usual'),
    () => placeCall(one, one(stacks), 'any'),
    () => clearCall(one, one(stacks)),
    () => {
      const stack = one(stacks);
      return handCall(one(handlings), stack, one([...Object.keys(declaration.stacks[stack]?.services ?? {}), 'gone']));
    },
    () => publishCall(one(['stable', 'stable', 'v2']), one([...setup.versions, 'broken', null])),
    () => registryCall(one(['stop', 'start', 'start'] as const)),
    () => updateCall(one<Updating>(['command', 'dry-run', 'service'])),
    () => secretCall(one([...stacks, ...stacks, ...spareSecrets(setup.declaration)]), one),
    () => secretCall(one([...stacks, ...spareSecrets(setup.declaration)]), one),
  ];
  return Array.from({ length }, () => one(drawers)());
}

const handCall = (action: Handling, stack: string, service: string): Call => ({
  kind: action,
  title: `${action} ${stack}/${service}`,
  make: levers => levers.container(action, stack, service),
});

const publishCall = (tag: string, version: string | null): Call => ({
  kind: version === null ? 'take a tag out' : 'publish',
  title: `publish ${version} as ${tag}`,
  make: levers => levers.publish(tag, version),
});

const registryCall = (action: 'stop' | 'start'): Call => ({
  kind: 'registry',
  title: `${action} the registry`,
  make: levers => levers.registry(action),
});

const updateCall = (how: Updating): Call => ({
  kind: `auto-update by ${how}`,
  title: `auto-update by ${how}`,
  make: levers => levers.autoUpdate(how),
});

function secretCall(name: string, one: One): Call {
  const state = one(['present', 'present', 'rotated', 'missing', 'malformed'] as const);
  return {
    kind: `secret ${state}`,
    title: `secret ${name} ${state}`,
    make: levers => levers.secret(name, state),
  };
}

const verbCall = (verb: Verb, unit?: string): Call => ({
  kind: verb,
  title: `systemctl ${verb} ${unit ?? ''}`,
  make: levers => levers.systemctl(verb, unit),
});

const managerCall = (action: 'stop' | 'start'): Call => ({
  kind: `manager ${action}`,
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

/** Places something at a path: one of the usual places and kinds, or any. */
function placeCall(one: One, stack: string, how: 'usual' | 'any'): Call {
  const directory = one(searchPath);
  const owner = '~/.config/systemd/user';
  const any = () => [one([unitPath, wantsPath, dropIn])(directory, stack), one(kinds)] as const;
  const dropIn = () =>
    dropInPath(directory, stack, one(levels), one(['50-drift', 'override', '50-CPUWeight', '90-more']));
  const usual = () =>
    one([
      [unitPath(owner, stack), one(kinds)] as const,
      [dropIn(), { kind: 'drop-in', marker: one(['drop-in', 'other']) }] as const,
      [unitPath(directory, stack), { kind: 'edited', marker: 'shadow' }] as const,
    ]);
  const [path, what] = how === 'any' ? any() : usual();
  return { kind: `place ${what.kind}`, title: `put ${what.kind} at ${path}`, make: levers => levers.place(path, what) };
}

/** Removes something, so that drift does not only grow. */
function clearCall(one: One, stack: string): Call {
  const path = one([unitPath, dropInPath])(one(searchPath), stack);
  return { kind: 'place nothing', title: `clear ${path}`, make: levers => levers.place(path, { kind: 'nothing' }) };
}
