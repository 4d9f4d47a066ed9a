import { expect, test } from 'vitest';
import { targetOf } from './options.ts';

test('the provider is the first of the profile that the release has a place for', () => {
  expect(targetOf()).toMatchObject({ provider: 'docker-compose', suite: 'trixie', flags: [] });
  const older = targetOf('home-manager', undefined, 'bookworm');
  expect(older).toMatchObject({ provider: 'podman-compose', suite: 'bookworm', flags: ['--suite', 'bookworm'] });
});

test('flags name what is not usual, and name the same subject again', () => {
  expect(targetOf('hardened', 'podman-compose').flags).toEqual([
    '--profile',
    'hardened',
    '--provider',
    'podman-compose',
  ]);
  expect(targetOf('nixos-etc', 'podman-compose', 'bookworm').flags).toEqual(
    targetOf('nixos-etc', undefined, 'bookworm').flags,
  );
});

test('a release that there is not, or that lacks the provider, is refused with what there is', () => {
  expect(() => targetOf('hardened', undefined, 'buster')).toThrow('expected trixie or bookworm, found buster');
  expect(() => targetOf('hardened', 'docker-compose', 'bookworm')).toThrow(
    'stackfuzz fuzz --profile hardened --suite bookworm --provider podman-compose',
  );
});
