import { expect, test } from 'vitest';
import { lookAt } from '../../../../tests/helpers/recorded.ts';
import type { Look } from './look.ts';
import { observed } from './observe.ts';
import { startsSeen, startsToldOf } from './starts.ts';

const calm = lookAt('calm');
const web = 'web-stack.service';

/** An entry of the journal as journalctl prints it (systemd 257.13). */
const entry = (unit: string, id: string): string =>
  `{"USER_UNIT":"${unit}","__REALTIME_TIMESTAMP":"1795691479200491","USER_INVOCATION_ID":"${id}"}`;

/** The machine at rest, with the InvocationID of web's unit, and the journal's entries if it was asked. */
const look = (invocation: string, ...journal: readonly string[]): Look => ({
  ...calm,
  units: new Map(
    [...calm.units].map(([name, unit]) => [name, { ...unit, invocation: name === web ? invocation : '' }]),
  ),
  starts: journal.length === 0 ? null : startsSeen(journal.join('\n')),
});

/** How often web's unit was started before each of these looks. */
const startsAt = (...looks: readonly Look[]): readonly (number | null | undefined)[] => {
  let memory: ReturnType<typeof observed>['memory'] | null = null;
  return looks.map(one => {
    const { seen, memory: next } = observed(one, memory);
    memory = next;
    return seen.units[web]?.starts;
  });
};

test('every start since the look before counts, and no earlier one', () => {
  const entries = ['a', 'b', 'c', 'd'].map(id => entry(web, id));
  expect(
    startsAt(
      look('a', ...entries.slice(0, 1)),
      look('a'),
      look('b', ...entries.slice(0, 2)),
      look('d', ...entries),
      look('d'),
    ),
  ).toEqual([0, 0, 1, 2, 0]);
});

test('where the journal has not come to the last start the number is not known, nor is the next', () => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(id => entry(web, id)) as [string, string, string, string];
  const looks = [look('a', a), look('b', a), look('b'), look('c', a, b, c), look('d', a, b, c, d)];
  expect(startsAt(...looks)).toEqual([0, null, 0, null, 1]);
});

test('a start is counted of a unit that has forgotten it, and of one that was not there at the first look', () => {
  const [a, b] = [entry(web, 'a'), entry(web, 'b')];
  expect(startsAt(look('a', a), look('', a, b))).toEqual([0, 1]);
  expect(startsAt({ ...look('', ''), units: new Map() }, look('a', a))).toEqual([undefined, 1]);
});

test('the script is told the last start of each unit, and when the first look was', () => {
  const { memory } = observed(look('a', entry(web, 'a')), null);
  expect(startsToldOf(memory.starts, memory.firstLook)).toEqual({
    last: ['duo-stack.service=', `${web}=a`],
    since: calm.clock,
  });
});
