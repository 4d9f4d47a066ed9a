import { expect, test } from 'vitest';
import { withOwnService } from '../families/project-edit.ts';
import { media, ownHomelab } from '../own-homelab.ts';
import { digestOf, isOnLoopback, resourceName, sortedLines } from './compose-project.ts';
import { withProject } from './own-stack.ts';

const stack = ownHomelab.declaration.stacks.media;
if (stack === undefined) throw new Error('no stack media');

test('every service that is on is declared, with all that podman can be asked of it', () => {
  expect(Object.keys(stack.services)).toEqual(['db', 'migrate', 'app', 'vpn', 'client', 'shell']);
  expect(stack.services.app?.settings.split('\n')).toEqual([
    'command ["serve","--port","80"]',
    'label example.role=web',
    'network media_back internal',
    'network media_default',
    'port 127.0.0.1:18080:80/tcp',
  ]);
  expect(stack.services.app?.effect).toBe(`answers 18080\nconfig /etc/site.conf ${digestOf('greeting = hello\n')}`);
  expect(stack.services.db?.settings).toContain('mount /data volume media_data rw');
  expect(stack.services.client?.settings).toBe('network_mode service:vpn');
  expect(stack.services.migrate?.ends).toBe(0);
});

test('an edit of the file keeps what else was changed, and what was removed', () => {
  const { db, app, migrate, vpn, client } = stack.services;
  if (!db || !app || !migrate || !vpn || !client) throw new Error('a service is missing');
  const changed = { ...stack, services: { db: { ...db, greeting: 'goodbye' }, app, migrate, vpn, client } };
  const edited = withProject('media', changed, {
    ...media,
    ...withOwnService(media, 'db', { environment: { LOG_LEVEL: 'debug' } }),
  });
  expect(Object.keys(edited.services)).toEqual(['db', 'migrate', 'app', 'vpn', 'client']);
  expect(edited.services.db).toMatchObject({
    greeting: 'goodbye',
    settings: expect.stringContaining('LOG_LEVEL=debug'),
  });
});

test('a service whose compose profile is switched off and on again goes and comes', () => {
  const off = { ...stack, ...withProject('media', stack, { ...media, profiles: [] }) };
  expect(Object.keys(off.services)).not.toContain('shell');
  expect(withProject('media', off, media).services).toEqual(stack.services);
});

test('names, ports, lines and digests', () => {
  expect(resourceName('media', 'data', { name: null })).toBe('media_data');
  expect(resourceName('media', 'data', { name: 'shared' })).toBe('shared');
  const port = { address: '', published: 53, target: 53, protocol: 'udp' } as const;
  expect(isOnLoopback(port)).toBe(false);
  expect(isOnLoopback({ ...port, protocol: 'tcp' })).toBe(true);
  expect(sortedLines(['b', 'a'])).toBe('a\nb');
  expect(digestOf('a')).not.toBe(digestOf('b'));
});
