import { expect, test } from 'vitest';
import { ownStack } from '../../models/machine/own-stack.ts';
import { media } from '../../models/own-homelab.ts';
import { loadProfile } from './profile.ts';
import { provided } from './provided.ts';
import { render } from './render.ts';
import { modelConfigOf } from './setup.ts';

const { app } = media.services;
if (app === undefined) throw new Error('media has no app');
const project = {
  ...media,
  configs: { site: 'greeting = hello\n', 'file-a.conf': 'a\n', 'secret-key': 'stand-in\n' },
  files: ['file-a.conf', 'secret-key'],
  services: {
    app: {
      ...app,
      dependsOn: {},
      configs: { site: '/etc/site.conf', 'file-a.conf': '/etc/a.conf', 'secret-key': '/run/secrets/key' },
    },
  },
};
const profile = {
  ...loadProfile('home-manager'),
  declaration: { revision: 1, stacks: { media: { revision: 1, ...ownStack('media', project) } } },
  ignored: ['compose.yaml:9: configs.site: podman-compose ignores configs: left out'],
};

test('podman-compose is given no configs, which it passes over, and files that it mounts', () => {
  const { declaration, notes } = provided(profile, 'podman-compose');
  expect(notes).toEqual(profile.ignored);
  const { media: stack } = declaration.stacks;
  expect(stack?.services.app?.effect.split('\n')).toEqual([
    'answers 18080',
    expect.stringMatching(/^file \/etc\/a\.conf \d+ 2$/),
    expect.stringMatching(/^file \/run\/secrets\/key \d+ 9$/),
  ]);
  const files = render(profile, declaration, 'podman-compose');
  expect(files['compose/media/file-a.conf']).toBe('a\n');
  const text = files['compose/media/compose.yml'];
  expect(text).not.toContain('configs');
  expect(text).toContain('source: ./file-a.conf');
  expect(text).toContain('target: /run/secrets/key');
});

test('docker compose is given all of them as configs', () => {
  expect(provided(profile, 'docker-compose')).toBe(profile);
  const text = render(profile, profile.declaration, 'docker-compose')['compose/media/compose.yml'];
  expect(text).toContain('source: file-a.conf');
  expect(text).toContain('source: site');
});

test('whoever asks gets the same, once', () => {
  const once = provided(profile, 'podman-compose');
  expect(provided(profile, 'podman-compose')).toBe(once);
  expect(provided(once, 'podman-compose')).toBe(once);
  expect(modelConfigOf({ profile, provider: 'podman-compose' }).declaration).toBe(once.declaration);
});
