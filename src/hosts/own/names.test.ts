import { expect, test } from 'vitest';
import { Unstarted } from '../../../models/host.ts';
import { ownStack } from '../../../models/machine/own-stack.ts';
import { media } from '../../../models/own-homelab.ts';
import { loadProfile } from '../../profiles/profile.ts';
import { namesOf, renaming } from './names.ts';
import { programIn } from './program.ts';

const { declaration } = loadProfile('home-manager');
const names = namesOf('fz', declaration);

test('a name comes back as it went', () => {
  expect(names.stacks).toEqual(['fzweb', 'fzduo', 'fzextra']);
  const texts = [
    '~/.config/systemd/user/web-stack.service',
    '~/.config/systemd/user/default.target.wants/duo-stack.service',
    '%t/systemd/user/web-.service.d/50-drift.conf',
    'extra-stack.service',
    '~/.config/containers/systemd/web-app.container',
    '%t/containers/systemd/duo_default.network',
    '%t/systemd/generator/web-app.service',
  ];
  for (const text of texts) {
    expect(names.textThere(text)).not.toBe(text);
    expect(names.textHere(names.textThere(text))).toBe(text);
  }
  for (const [there, here] of [
    ['network fzweb_default', 'network web_default'],
    ['pod pod_fzduo', 'pod pod_duo'],
    ['-/fzduo-holder', '-/duo-holder'],
    ['secret ~/secrets/fzweb.env is missing', 'secret ~/secrets/web.env is missing'],
  ] as const)
    expect(names.textHere(there)).toBe(here);
});

test('what only begins alike is somebody else’s', () => {
  for (const text of ['fzwebsite-stack.service', 'fzprod', 'xfzweb', 'fz']) expect(names.textHere(text)).toBe(text);
  for (const text of ['website-stack.service', 'myweb-stack.service', 'podman.service'])
    expect(names.textThere(text)).toBe(text);
});

test('a declaration is renamed with its secrets, and keeps its revisions', () => {
  const there = names.thereDeclared(declaration);
  expect(there.revision).toBe(1);
  expect(there.stacks.fzweb).toEqual({ ...declaration.stacks.web, secrets: ['fzweb'] });
});

test('networks and volumes that a compose file names by itself are not those of somebody else', () => {
  const resource = { external: false, name: null, internal: false, subnet: null, driverOpts: {} };
  const project = {
    ...media,
    networks: { default: resource, proxy: { ...resource, external: true } },
    volumes: { data: resource, films: { ...resource, name: 'my-films' } },
  };
  const own = namesOf('fz', { revision: 1, stacks: { media: { revision: 1, ...ownStack('media', project) } } });
  const there = own.thereDeclared({ revision: 1, stacks: { media: { revision: 1, ...ownStack('media', project) } } });
  expect(there.stacks.fzmedia?.project).toMatchObject({
    networks: { default: { name: null }, proxy: { external: true, name: 'fzproxy' } },
    volumes: { data: { name: null }, films: { name: 'fzmy-films' } },
  });
  expect(own.resources).toEqual(['fzproxy', 'fzmy-films']);
  expect(own.textHere('mount /films volume fzmy-films rw\nnetwork fzproxy\nnetwork fzmedia_default')).toBe(
    'mount /films volume my-films rw\nnetwork proxy\nnetwork media_default',
  );
  expect(own.textHere('volume fzmy-films2')).toBe('volume fzmy-films2');
});

test('a first rebuild that left something else than it says is told by our names, too', async () => {
  const units = { 'fzweb-stack.service': { activeState: 'failed' } };
  const claim = { ok: false, status: 4, message: 'fzweb-stack.service failed' };
  const host = {
    reset: () => Promise.reject(new Unstarted('fzweb is down', claim, { seen: { units } as never, evidence: 'fzweb' })),
  };
  await expect(renaming(host as never, names).reset()).rejects.toMatchObject({
    message: 'web is down',
    claim: { message: 'web-stack.service failed' },
    seen: { units: { 'web-stack.service': { activeState: 'failed' } } },
    evidence: 'fzweb',
  });
});

test.each([
  ['nixos-rebuild switch --flake .#wsl', 'nixos-rebuild'],
  ['sudo -n nixos-rebuild switch', 'nixos-rebuild'],
  ['FOO=bar ./switch', './switch'],
  ['(cd /etc/nixos && make)', null],
])('the program of %j', (run, program) => {
  expect(programIn(run)).toBe(program);
});
