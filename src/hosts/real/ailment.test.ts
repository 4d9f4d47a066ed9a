import { expect, test } from 'vitest';
import { Sick } from '../../../models/host.ts';
import { ailmentsIn, killedBy } from './ailment.ts';

const mebibyte = 2 ** 20;

interface Faked {
  readonly disks?: readonly string[];
  readonly memory?: number;
  readonly killed?: number;
  readonly registry?: readonly [state: string, result: string];
}

/** What the script prints on a lab machine that has these ailments. */
const answer = ({
  disks = [],
  memory = 23_761_072,
  killed = 2,
  registry = ['active', 'success'],
}: Faked = {}) => `@@ disks
Filesystem       1B-blocks       Avail  Inodes   IFree Mounted on
overlay        12638031872 12618756096 3085457 3084995 /
tmpfs              5242880     5242880  409600  409593 /run/lock
none                     0           0       -       - /etc
${disks.map(line => `${line}\n`).join('')}@@ memory
${memory}
@@ killed
${killed}
@@ services
Result=success
Id=dbus.service
ActiveState=active

Result=${registry[1]}
Id=docker-registry.service
ActiveState=${registry[0]}
@@ end
`;

test('a machine is well where it has room and memory, nothing was killed and nothing has failed', () => {
  expect(ailmentsIn(answer(), 2)).toEqual([]);
  // A unit that was stopped on purpose has not failed.
  expect(ailmentsIn(answer({ registry: ['inactive', 'success'] }), 2)).toEqual([]);
});

test.each([
  ['no room', { disks: [`tmpfs ${100 * mebibyte} 4096 1000000 999999 /home`] }, '/home has 4096 bytes left'],
  ['no names', { disks: [`tmpfs ${100 * mebibyte} ${90 * mebibyte} 1000000 3 /run`] }, '/run has 3 inodes left'],
  ['no memory', { memory: 9_000 }, 'it has 9000 KiB of memory left'],
  ['a process killed', { killed: 5 }, 'the kernel killed 3 processes for want of memory'],
  ['a service failed', { registry: ['failed', 'signal'] }, 'docker-registry.service has failed (signal)'],
] as const)('%s is an ailment', (_, faked, says) => {
  expect(ailmentsIn(answer(faked), 2)).toEqual([says]);
});

test('a file system that a step has filled is none', () => {
  expect(ailmentsIn(answer({ disks: ['stackfuzz-full 1000000 0 500 0 /nix/store'] }), 2)).toEqual([]);
});

test('a file system that several places share is named once', () => {
  const line = `overlay ${100 * mebibyte} 0 1000000 999999 /`;
  expect(ailmentsIn(answer({ disks: [line, line] }), 2)).toEqual(['/ has 0 bytes left']);
});

test('the count of killed processes is that of the answer', () => {
  expect(killedBy(answer({ killed: 7 }))).toBe(7);
});

test('half an answer is sickness', () => {
  expect(() => ailmentsIn(answer().slice(0, 200), 2)).toThrow(Sick);
});
