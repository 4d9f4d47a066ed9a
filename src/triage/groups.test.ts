import { expect, test } from 'vitest';
import { groupedByPromise, type Sighting } from './groups.ts';

const seen = (signature: string, change: Partial<Sighting> = {}): Sighting => ({
  invariant: signature.split(':')[0] ?? '',
  promise: 'It holds.',
  signature,
  profile: 'home-manager',
  provider: 'docker-compose',
  host: 'lab',
  steps: [],
  file: 'a.json',
  seed: 1,
  expect: 'violated',
  ...change,
});

test('a finding is one, whatever run, seed, profile or host showed it', () => {
  const all = [
    seen('a: x'),
    seen('a: x', { profile: 'nixos-etc', host: 'simulator', seed: 2, alsoWith: ['podman-compose'] }),
    seen('a: x', { expect: 'held' }),
  ];
  const [group, ...rest] = groupedByPromise(all, () => null);
  expect(rest).toEqual([]);
  expect(group).toMatchObject({
    signature: 'a: x',
    expect: 'violated',
    hosts: ['lab', 'simulator'],
    profiles: ['home-manager', 'nixos-etc'],
    providers: ['docker-compose', 'podman-compose'],
    seeds: [1, 2],
    waivers: [],
  });
  expect(group?.sightings.length).toBe(3);
});

test('what is open comes first, then what is waived, then what is mended', () => {
  const all = [seen('c: mended', { expect: 'held' }), seen('b: waived'), seen('d: open'), seen('a: open')];
  const accepted = ({ signature }: { signature: string }) => (signature.includes('waived') ? 'by kim' : null);
  expect(groupedByPromise(all, accepted).map(({ signature }) => signature)).toEqual([
    'a: open',
    'd: open',
    'b: waived',
    'c: mended',
  ]);
});
