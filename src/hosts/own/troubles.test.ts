import { expect, test } from 'vitest';
import { overlap } from '../../../models/machine/subnet.ts';
import { ownHomelab } from '../../../models/own-homelab.ts';
import { targetOf } from '../../cli/options.ts';
import type { Lacking, OwnHostFacts } from './facts.ts';
import { namesOf } from './names.ts';
import type { OwnHost } from './own-host.ts';
import { troublesOf } from './troubles.ts';

const healthy = {
  lacking: [],
  podman: '5.4.2',
  providers: ['docker-compose'],
  lingers: true,
  manager: 'running',
  isNixos: false,
  hasNix: true,
  generation: 'there',
  tags: ['stable', 'v1', 'v2', 'v3', 'broken'],
  seesTags: true,
  isPortTaken: false,
  linked: [],
  othersUpdated: [],
  projects: [],
  programs: [],
  operator: { name: 'me', uid: 1000 },
} as unknown as OwnHostFacts & Lacking;

const shipped = {
  name: 'wsl',
  environment: 'non-prod',
  root: 'sudo',
  prefix: 'fuzz-',
  commands: 'profile',
  probe: { image: 'localhost:5000/probe', serve: false },
} as unknown as OwnHost;

/** What is found to be wrong with a machine that has these unit files of stacks, under a shipped profile. */
function found(profileName: string, stackUnits: readonly string[], host: OwnHost = shipped): readonly string[] {
  const { profile } = targetOf(profileName);
  const names = namesOf('fuzz-', profile.declaration);
  const all = troublesOf(host, profile, 'docker-compose', names, { ...healthy, stackUnits });
  return all.map(({ found }) => found);
}

test('the commands of a profile that moves away the units of others are refused where others have stacks', () => {
  const theirs = '/home/me/.config/systemd/user/photos-stack.service';
  const ours = '/home/me/.config/systemd/user/fuzz-web-stack.service';
  expect(found('hardened', [ours, theirs])).toEqual([theirs]);
  expect(found('hardened', [ours])).toEqual([]);
  expect(found('home-manager', [ours, theirs])).toEqual([]);
  const own = { ...shipped, commands: { rebuild: { run: 'true', as: 'root' } } } as unknown as OwnHost;
  expect(found('hardened', [theirs], own)).not.toContain(theirs);
});

test('a port or subnet of a compose file that the machine has in use is said before anything is touched', () => {
  const { profile } = targetOf('home-manager');
  const { media } = ownHomelab.declaration.stacks;
  const project = media?.project;
  if (media === undefined || project === undefined) throw new Error('there is no media');
  const back = { internal: true, subnet: '10.77.5.0/24', external: false, name: null };
  const declaration = {
    revision: 1,
    stacks: { media: { ...media, project: { ...project, networks: { ...project.networks, back } } } },
  };
  const seen = (listening: readonly string[], subnets: readonly string[]) =>
    troublesOf(shipped, { ...profile, declaration }, 'docker-compose', namesOf('fuzz-', declaration), {
      ...healthy,
      stackUnits: [],
      listening,
      subnets,
    }).map(({ found }) => found);
  expect(seen(['22/tcp', '18080/udp'], ['10.77.4.0/24'])).toEqual([]);
  expect(seen(['18080/tcp'], ['10.77.0.0/16'])).toEqual([
    '18080/tcp, on which something listens',
    '10.77.5.0/24, which a network there has',
  ]);
  expect(overlap('10.1.0.0/16', '10.1.255.0/24')).toBe(true);
  expect(overlap('10.1.0.0/16', '10.2.0.0/16')).toBe(false);
  expect(overlap('fd00::/64', '10.2.0.0/16')).toBe(false);
});
