import { expect, test } from 'vitest';
import { homelab } from '../homelab.ts';
import { editedStack } from '../machine/declaration.ts';
import addDropIn from '../operations/unit-files/add-drop-in.ts';
import restart from '../operations/units/restart.ts';
import { firstWorld } from './first.ts';
import { rebuilt } from './generations.ts';

// A search hashes and compares what is the same object only once (docs/explore.md).

const yes = { ok: true, status: 0, message: '' };
const first = firstWorld(homelab);
const second = editedStack(homelab.declaration, 'web', ({ secrets }) => ({ secrets: [...secrets, 'web-extra'] }));

test('a start that pulls nothing leaves the images and volumes the same objects', () => {
  const { images, perhapsPulled, volumes } = restart.expected(first, { stack: 'web' }, yes);
  expect(images).toBe(first.images);
  expect(perhapsPulled).toBe(first.perhapsPulled);
  expect(volumes).toBe(first.volumes);
});

test('the same rebuild in two worlds with the same generations adds the same list to both', () => {
  const drifted = addDropIn.expected(first, { stack: 'web', directory: '~/.config/systemd/user' }, yes);
  const [one, other] = [rebuilt(first, second, yes), rebuilt(drifted, second, yes)];
  expect(one.generations.map(({ revision }) => revision)).toEqual([homelab.declaration.revision, second.revision]);
  expect(other.generations).toBe(one.generations);
  expect(other.revisions).toBe(one.revisions);
});
