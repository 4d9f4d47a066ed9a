import { describe, expect, it } from 'vitest';
import { expectedObservation } from './expected-observation.ts';
import { homelab } from './homelab.ts';
import { alike, type ContainerSeen, lasting, type Observation, volatile } from './observation.ts';
import { firstWorld } from './transitions/first.ts';

const seen = expectedObservation(firstWorld(homelab));

const differing = (value: unknown) => (typeof value === 'string' ? `${value}-other` : ['other']);

/** Every way to change one field of one entry, by name. */
const changes = (part: 'units' | 'containers', silent: readonly string[]) =>
  Object.keys(Object.values(seen[part])[0] ?? {}).map(field => {
    const [name, entry] = Object.entries(seen[part])[0] as [string, Record<string, unknown>];
    const changed: Observation = {
      ...seen,
      [part]: { ...seen[part], [name]: { ...entry, [field]: differing(entry[field]) } },
    };
    return { field: `${part}.${field}`, changed, same: silent.includes(field) };
  });

const path = Object.keys(seen.files)[0] as string;
const others: readonly { field: string; changed: Observation; same: boolean }[] = [
  { field: 'manager', changed: { ...seen, manager: 'down' }, same: false },
  { field: 'profile', changed: { ...seen, generation: { ...seen.generation, profile: 9 } }, same: false },
  { field: 'home', changed: { ...seen, generation: { ...seen.generation, home: 9 } }, same: false },
  { field: 'strayTimers', changed: { ...seen, strayTimers: ['#.timer'] }, same: false },
  { field: 'leftovers', changed: { ...seen, leftovers: ['network web_default'] }, same: false },
  { field: 'units, one less', changed: { ...seen, units: {} }, same: false },
  { field: 'files, one less', changed: { ...seen, files: {} }, same: false },
  { field: 'files, one more', changed: { ...seen, files: { ...seen.files, x: { kind: 'directory' } } }, same: false },
  ...(
    [
      { kind: 'directory' },
      { kind: 'generation', revision: 9, definition: { revision: 1, marker: 'declared' } },
      { kind: 'generation', revision: 1, definition: { revision: 9, marker: 'declared' } },
      { kind: 'generation', revision: 1, definition: null },
      { kind: 'file', definition: { revision: 1, marker: 'declared' } },
      { kind: 'link', target: '~/x', definition: { revision: 1, marker: 'declared' } },
    ] as const
  ).map(file => ({
    field: `a file that is ${JSON.stringify(file)}`,
    changed: { ...seen, files: { ...seen.files, [path]: file } },
    same: false,
  })),
];

describe('two looks', () => {
  it.each([...changes('units', volatile.unit), ...changes('containers', volatile.container), ...others])(
    'are told apart by what lasts, and by nothing else: $field',
    ({ changed, same }) => {
      expect(alike(seen, changed)).toBe(same);
      expect(alike(changed, seen)).toBe(same);
      expect(JSON.stringify(lasting(changed)) === JSON.stringify(lasting(seen))).toBe(same);
    },
  );
});

describe('an expected observation', () => {
  const stopped: Observation = {
    ...seen,
    containers: Object.fromEntries(
      Object.entries(seen.containers).map(([name, container]) => [
        name,
        { ...container, state: name.startsWith('web/') ? 'created' : container.state, tag: `${container.tag}2` },
      ]),
    ),
  };
  const [web, duo] = ['web', 'duo'].map(stack => ({
    ...seen,
    vague: { everything: false, stacks: [stack], containers: [], leftovers: [] },
  }));

  it('that is silent about everything is like every look', () => {
    const silent = { ...seen, vague: { everything: true, stacks: [], containers: [], leftovers: [] } };
    expect(alike(silent, { ...seen, manager: 'down' })).toBe(true);
    expect(lasting({ ...seen, manager: 'down' }, silent.vague)).toEqual(lasting(silent, silent.vague));
  });

  it('that is silent about a stack says nothing of its containers, but that none runs unknown', () => {
    const onlyWeb = {
      ...stopped,
      containers: { ...seen.containers, 'web/app': stopped.containers['web/app'] as never },
    };
    const none = { ...seen, containers: { ...seen.containers } };
    delete (none.containers as Record<string, unknown>)['web/app'];
    const vague = { ...none, vague: { everything: false, stacks: ['web'], containers: [], leftovers: [] } };
    expect(alike(vague, onlyWeb)).toBe(true);
    expect(lasting(onlyWeb, vague.vague)).toEqual(lasting(vague, vague.vague));
    expect(alike(vague, seen)).toBe(false);
    expect(alike(duo as Observation, onlyWeb)).toBe(false);
    expect(alike(web as Observation, stopped)).toBe(false);
  });

  it('that is silent about which of two builds runs is unlike a third, and tells it', () => {
    const [name, container] = Object.entries(seen.containers)[0] as [string, ContainerSeen];
    const running = (image: string) => ({
      ...seen,
      containers: { ...seen.containers, [name]: { ...container, image } },
    });
    const vague = { everything: false, stacks: [], containers: [], leftovers: [], builds: { [name]: 'v1|v2' } };
    const either: Observation = { ...running('v1|v2'), vague };
    expect(['v1', 'v2', 'v3'].map(image => alike(either, running(image)))).toEqual([true, true, false]);
    expect(lasting(running('v2'), vague)).toEqual(lasting(either, vague));
    expect(lasting(running('v3'), vague)).not.toEqual(lasting(either, vague));
  });
});
