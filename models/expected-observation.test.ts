import { expect, test } from 'vitest';
import { loadCatalog } from '../src/catalog.ts';
import { expectedObservation, shows } from './expected-observation.ts';
import { homelab } from './homelab.ts';
import { alike, type Observation } from './observation.ts';
import { firstWorld } from './transitions/first.ts';
import type { World } from './world.ts';

const { operations } = await loadCatalog();
const claim = { ok: true, status: 0, message: '' };

/** The first world, and what one step of each kind makes of it. */
function* worlds(): Generator<World> {
  const first = firstWorld(homelab);
  yield first;
  for (const [, operation] of operations) {
    for (const args of operation.choices(first)) yield operation.expected(first, args, claim);
  }
}

/** A look, and every look that differs from it in one place. */
function* spoilt(seen: Observation): Generator<Observation> {
  yield { ...seen, manager: seen.manager === 'down' ? 'running' : 'down' };
  yield { ...seen, generation: { ...seen.generation, home: 99 } };
  yield { ...seen, generation: { ...seen.generation, profile: null } };
  yield { ...seen, strayTimers: [...seen.strayTimers, 'one more'] };
  yield { ...seen, leftovers: ['network web_default'] };
  yield {
    ...seen,
    files: { ...seen.files, '~/.config/systemd/user/web-stack.service.d/z.conf': { kind: 'directory' } },
  };
  for (const path in seen.files) {
    const { [path]: _, ...files } = seen.files;
    yield { ...seen, files };
    yield { ...seen, files: { ...files, [path]: { kind: 'link', target: '/nowhere', definition: null } } };
  }
  for (const part of ['units', 'containers'] as const) {
    for (const name in seen[part]) {
      const { [name]: entry, ...others } = seen[part] as Record<string, object>;
      yield { ...seen, [part]: others };
      yield { ...seen, [part]: { ...others, [name]: entry, 'one-more': entry } };
      for (const field in entry) yield { ...seen, [part]: { ...others, [name]: { ...entry, [field]: 'otherwise' } } };
    }
  }
}

test('what is told from the parts of a world is what all of it together tells', () => {
  let decided = 0;
  for (const world of worlds()) {
    const expected = expectedObservation(world);
    const { vague, ...seen } = expected;
    // Where nothing is left over, it does not matter that something might be.
    const isSure = vague === undefined || (!vague.everything && vague.stacks.length + vague.containers.length === 0);
    expect(shows(world, seen)).toBe(isSure);
    for (const other of spoilt(seen)) {
      if (shows(world, other)) expect(alike(expected, other)).toBe(true);
      decided++;
    }
  }
  expect(decided).toBeGreaterThan(1_000);
});
