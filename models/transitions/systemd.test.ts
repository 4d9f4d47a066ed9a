import { describe, expect, it } from 'vitest';
import { homelab } from '../homelab.ts';
import { dropInPath, searchPath, unitPath, wantsPath } from '../machine/search-path.ts';
import { debian12 } from '../machine/traits.ts';
import type { OnDisk } from '../observation.ts';
import { firstWorld } from './first.ts';
import { withFiles } from './lookup.ts';
import { reloaded, resolve, staleIn, wantedIn } from './systemd.ts';

const owner = '~/.config/systemd/user';
const weaker = '~/.local/share/systemd/user';
const stronger = '~/.config/systemd/user.control';
const file = (marker: string): OnDisk => ({ kind: 'file', definition: { revision: 1, marker } });
const dropIn = (marker: string): OnDisk => ({ kind: 'file', definition: { revision: null, marker } });
const link = (target: string): OnDisk => ({ kind: 'link', target, definition: null });
const directory: OnDisk = { kind: 'directory' };
const own = { [unitPath(owner, 'web')]: file('own') };

describe('the unit file that counts', () => {
  it('is the strongest there is', () => {
    const everywhere = Object.fromEntries(searchPath.map(path => [unitPath(path, 'web'), file(path)]));
    expect(resolve(everywhere, 'web')).toMatchObject({ loadState: 'loaded', marker: searchPath[0] });
    expect(resolve({ ...own, [unitPath(weaker, 'web')]: file('copy') }, 'web').marker).toBe('own');
  });

  it('is not found behind a dangling link, but behind a directory', () => {
    const other = { [unitPath(weaker, 'web')]: file('copy') };
    expect(resolve({ ...other, [unitPath(owner, 'web')]: link('~/gone') }, 'web').loadState).toBe('not-found');
    expect(resolve({ ...other, [unitPath(owner, 'web')]: directory }, 'web').marker).toBe('copy');
    expect(resolve({ [unitPath(owner, 'web')]: directory }, 'web').loadState).toBe('not-found');
    expect(resolve({}, 'web').loadState).toBe('not-found');
  });

  it('is a mask where it is empty or leads to /dev/null, whatever drop-ins there are', () => {
    const more = { [dropInPath(owner, 'web')]: dropIn('more') };
    for (const mask of [link('/dev/null'), { kind: 'file', definition: null } as const]) {
      const loaded = resolve({ ...own, ...more, [unitPath(stronger, 'web')]: mask }, 'web');
      expect(loaded).toMatchObject({ loadState: 'masked', fragmentPath: unitPath(stronger, 'web'), dropInPaths: [] });
    }
  });

  it('as a mask is still extended by its drop-ins on systemd 252', () => {
    const path = dropInPath(owner, 'web');
    const loaded = resolve(
      { ...own, [path]: dropIn('more'), [unitPath(stronger, 'web')]: link('/dev/null') },
      'web',
      debian12,
    );
    expect(loaded).toMatchObject({ loadState: 'masked', marker: 'more', revision: null, dropInPaths: [path] });
  });
});

describe('the drop-ins that count', () => {
  it('are, of several with one name, the strongest; those for every service are the weakest', () => {
    const all = {
      ...own,
      [dropInPath(weaker, 'web')]: dropIn('weaker'),
      [dropInPath(owner, 'web', 'prefix')]: dropIn('prefix'),
      [dropInPath(stronger, 'web', 'type')]: dropIn('type'),
    };
    expect(resolve(all, 'web')).toMatchObject({
      marker: 'prefix',
      dropInPaths: [dropInPath(owner, 'web', 'prefix')],
    });
  });

  it('are read by the order of their names, and the last that says something wins', () => {
    const control = dropInPath(stronger, 'web', 'unit', '50-CPUWeight');
    const override = dropInPath(owner, 'web', 'unit', 'override');
    const files = { ...own, [override]: dropIn('override'), [control]: { kind: 'file', definition: null } as OnDisk };
    expect(resolve(files, 'web')).toMatchObject({ marker: 'override', dropInPaths: [control, override] });
  });

  it('do not make a unit', () => {
    expect(resolve({ [dropInPath(owner, 'web')]: dropIn('x') }, 'web').loadState).toBe('not-found');
  });
});

describe('default.target', () => {
  it.each([
    [link('/nix/store/unit/web-stack.service'), true],
    [link('/dev/null'), false],
    [file('copy'), false],
    [directory, false],
  ])('wants a unit by %j: %s', (there, wanted) => {
    expect(wantedIn({ [wantsPath(owner, 'web')]: there }, 'web')).toBe(wanted);
  });
});

describe('what the manager has loaded', () => {
  it('is stale from a change on disk until a reload, where that change concerns the unit', () => {
    const first = firstWorld(homelab);
    const { files } = first.stacks.web ?? { files: {} };
    expect(staleIn(first, 'web')).toEqual([]);
    for (const more of [
      { [unitPath(stronger, 'web')]: file('shadow') },
      { [dropInPath(weaker, 'web')]: dropIn('more') },
    ]) {
      const changed = withFiles(first, 'web', { ...files, ...more });
      expect(staleIn(changed, 'web')).toEqual([
        'what the manager has loaded of web-stack.service is not what lies on disk',
      ]);
      expect([staleIn(changed, 'duo'), staleIn(reloaded(changed), 'web')]).toEqual([[], []]);
      expect(staleIn(withFiles(reloaded(changed), 'web', files), 'web')).toHaveLength(1);
    }
    const weak = withFiles(first, 'web', { ...files, [unitPath(weaker, 'web')]: file('copy') });
    expect(staleIn(weak, 'web')).toEqual([]);
  });
});
