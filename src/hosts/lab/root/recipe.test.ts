import { expect, test } from 'vitest';
import { hashOf, recipeOf } from './recipe.ts';

test('another recipe is another root', () => {
  const recipe = recipeOf('trixie');
  expect(hashOf(recipe)).toMatch(/^[0-9a-f]{12}$/);
  expect(hashOf(recipe)).toBe(hashOf(structuredClone(recipe)));
  expect(hashOf({ ...recipe, files: { ...recipe.files, '/etc/hostname': 'other\n' } })).not.toBe(hashOf(recipe));
  expect(hashOf(recipeOf('bookworm'))).not.toBe(hashOf(recipe));
});

test('Debian 12 does without packages that it lacks', () => {
  const { packages } = recipeOf('bookworm');
  expect(packages).toContain('podman');
  expect(packages).not.toContain('passt');
  expect(packages).not.toContain('docker-compose');
});
