import { describe, expect, test } from 'vitest';
import { homelab } from '../homelab.ts';
import type { Done } from '../operation.ts';
import type { Role } from '../role.ts';
import { firstWorld } from '../transitions/first.ts';
import { gist, shape } from './signature.ts';

const world = firstWorld(homelab);
const shapes = (sentences: readonly string[]): ReadonlySet<string> =>
  new Set(sentences.map(sentence => shape(sentence, world, lastOf(sentence))));

/** The sentences begin with what was done last. */
function lastOf(sentence: string): Done | undefined {
  const [operation = ''] = sentence.split(' ');
  if (!/^[a-z-]+$/.test(operation)) return undefined;
  const role = roles.find(([name]) => name.test(operation))?.[1] ?? 'rebuild';
  const failed = operation === 'rebuild-beside-update' ? { claim: { failed: 'update' as const } } : {};
  return { step: { operation, args: {} }, role, ...failed };
}

const roles: readonly (readonly [RegExp, Role])[] = [
  [/^rollback$/, 'rollback'],
  [/^(?:auto-update|update-)/, 'update'],
  [/start$/, 'start'],
  [/^(?:reboot|power-cut)$/, 'boot'],
];

describe('one lie is one finding', () => {
  test.each([
    [
      'wherever and whatever the drop-in is',
      [
        '~/.config/systemd/user.control/web-stack.service.d/50-CPUWeight.conf is a regular file, not nothing',
        '~/.local/share/systemd/user/duo-.service.d/50-drift.conf is a regular file, not nothing',
        '/etc/systemd/user/service.d/50-drift.conf is a regular file, not nothing',
      ],
    ],
    ['whose network is left', ['network web_default belongs to nothing', 'network duo_default belongs to nothing']],
    ['whose pod is left', ['pod pod_web belongs to nothing', 'pod pod_duo belongs to nothing']],
    [
      'whichever unit file is the first to show',
      [
        'rollback failed, yet ~/.config/systemd/user/web-stack.service is the link of generation 1, not the link of generation 2',
        'add-stack failed, yet ~/.config/systemd/user/default.target.wants/duo-stack.service is nothing, not a link to ~/x',
      ],
    ],
    [
      'whatever of the declaration did not reach the container',
      [
        'rebuild claims success, but container web/app has tag stable, not @v1',
        'change-everything claims success, but container duo/db has restart no, not always',
      ],
    ],
    [
      'whether it is unhealthy or never leaves starting',
      [
        'rebuild claims success, and container web/app is unhealthy',
        'set-healthcheck claims success, and container duo/db is starting',
      ],
    ],
    [
      'however an update was asked for',
      [
        'auto-update failed with status 125, and nothing stands in its way: locally auto-updating container ID: no',
        'update-by-service failed with status 1, and nothing stands in its way: locally auto-updating container ID: no',
        'rebuild-beside-update failed with status 125, and nothing stands in its way: locally auto-updating container ID: no',
      ],
    ],
    [
      'whatever id, digest, number, time, port, path or container a reason names',
      [
        'rebuild failed with status 4, and nothing stands in its way: web-stack.service: 2026-11-25T22:51:41Z container web-app-1 (8c1f2ab09d3e) of localhost:5000/probe:v2 at /run/user/1500/x: port 8080 after 1.5s, sha256:0a1b2c',
        'change-everything failed with status 5, and nothing stands in its way: duo-stack.service: 2026-11-26 01:02:03.25 +0000 UTC container duo_db_1 (77aa00bb11cc) of localhost:5001/probe@digest at ~/y/z: port 9 after 200ms, sha256:ffee00',
      ],
    ],
    [
      'however the stack was started',
      [
        'restart claims success, although web/app never becomes healthy',
        'start claims success, although duo/db never becomes healthy',
      ],
    ],
    [
      'however the machine went down',
      [
        'reboot claims success, but web-stack.service is failed, not active',
        'power-cut claims success, but duo-stack.service is failed, not active',
      ],
    ],
    [
      'whatever the env file is called',
      [
        'restart claims success, although web needs ~/secrets/web-moved.env, which is missing',
        'restart claims success, although duo needs ~/secrets/duo.env, which is missing',
      ],
    ],
    [
      'whether podman lost hold of a payload that lives or of one that does not',
      [
        'web-stack.service is active, but container web/app is dead',
        'web-stack.service is active, but container duo/db is unwatched',
      ],
    ],
  ])('%s', (_, sentences) => {
    expect(shapes(sentences).size).toBe(1);
  });
});

test('without the reason that a program gave, a broken promise is the same whatever the reason', () => {
  const failed = (reason: string) => `restart failed with status 1, and nothing stands in its way: ${reason}`;
  const [one, other] = ['web-stack.service: no such network', 'duo-stack.service: no such image'].map(failed);
  expect(gist(one ?? '', world, lastOf(one ?? ''))).toBe('START failed with status N');
  expect(gist(other ?? '', world, lastOf(other ?? ''))).toBe('START failed with status N');
  expect(gist('web-stack.service is active, but container web/app is dead', world)).toBeNull();
});

describe('two lies are two findings', () => {
  test.each([
    [
      'a rebuild that fails for one cause, and for another',
      [
        'rebuild failed with status 4, and nothing stands in its way: web-stack.service: line 1: key cannot contain a space',
        'rebuild failed with status 4, and nothing stands in its way: web-stack.service: Error response from daemon: {"message":"manifest unknown: manifest unknown"}',
        'rebuild failed with status 4, and nothing stands in its way: error: opening lock file: No space left on device',
      ],
    ],
    [
      'a copy that wins, and one that loses',
      [
        '~/.config/systemd/user.control/web-stack.service defines the unit beside its owner',
        '/etc/systemd/user/web-stack.service defines the unit beside its owner',
      ],
    ],
    [
      'an old name, and an old declaration',
      [
        'rebuild claims success, but container web/app has name web-app-renamed, not web/app',
        'rebuild claims success, but container web/app has tag v1, not stable',
      ],
    ],
    [
      'a mask, and a file',
      [
        '~/.config/systemd/user/web-stack.service is a link to /dev/null, not the link of generation 1',
        '~/.config/systemd/user/web-stack.service is a regular file, not the link of generation 1',
      ],
    ],
    [
      'a container that ended, and one that podman has lost hold of',
      [
        'web-stack.service is active, but container web/app is exited',
        'web-stack.service is active, but container web/app is dead',
      ],
    ],
    [
      'an env file that is missing, and one that cannot be read',
      [
        'restart claims success, although web needs ~/secrets/web.env, which is missing',
        'restart claims success, although web needs ~/secrets/web.env, which is malformed',
      ],
    ],
  ])('%s', (_, sentences) => {
    expect(shapes(sentences).size).toBe(sentences.length);
  });
});

test('names as a compose file has them are taken for names, one within another too', () => {
  const service = homelab.declaration.stacks.web?.services.app;
  if (service === undefined) throw new Error('the homelab has no web/app');
  const services = { db: service, 'db-data': service, 'a.b_C': service, photos: service, 'photos-web': service };
  const stack = { revision: 1, services, secrets: [] };
  const stacks = { photos: stack, 'photos-old': stack };
  const own = firstWorld({ ...homelab, declaration: { revision: 1, stacks } });
  const sentences = [
    'photos/db',
    'photos/db-data',
    'photos-old/db',
    'photos-old/a.b_C',
    'photos/photos',
    'photos/photos-web',
  ].map(name => shape(`container ${name} is exited, not running`, own));
  expect(new Set(sentences)).toEqual(new Set(['container STACK/SERVICE is exited, not running']));
  // The service of a stack that is added later, whatever the first declaration has.
  expect(shape('container extra/app is exited, not running', own)).toBe(
    'container STACK/SERVICE is exited, not running',
  );
});
