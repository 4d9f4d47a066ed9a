import { describe, expect, it } from 'vitest';
import { homelab } from '../homelab.ts';
import { dropInPath, unitPath, wantsPath } from '../machine/search-path.ts';
import type { OnDisk } from '../observation.ts';
import type { World } from '../world.ts';
import { firstWorld } from './first.ts';
import { looked, withFiles } from './lookup.ts';
import { reloaded, stackIn, without, withStack } from './systemd.ts';

const owner = '~/.config/systemd/user';
const control = '~/.config/systemd/user.control';
const file = (marker: string): OnDisk => ({ kind: 'file', definition: { revision: 1, marker } });
const own = { [unitPath(owner, 'web')]: file('own') };
const world = firstWorld(homelab);

/** The world with something put beside the files of a stack, after a look. */
const put = (now: World, stack: string, path: string, there = file('hand')): World =>
  looked(withFiles(now, stack, { ...stackIn(now, stack).files, [path]: there }));
const taken = (now: World, stack: string, path: string): World =>
  looked(withFiles(now, stack, without(stackIn(now, stack).files, [path])));
const loadedOf = (now: World, stack = 'web') => stackIn(now, stack).loaded;

describe('the manager', () => {
  const gone = reloaded(withFiles(world, 'web', {}));
  const stopped = withStack(world, 'web', { active: 'inactive' });
  const unwanted = reloaded(withFiles(stopped, 'web', without(stackIn(world, 'web').files, [wantsPath(owner, 'web')])));

  it('keeps what it has loaded until it is told to reload', () => {
    expect(loadedOf(looked(withFiles(world, 'web', {}))).loadState).toBe('loaded');
    expect(gone.stacks.web).toMatchObject({ active: 'active', wanted: false, loaded: { loadState: 'not-found' } });
  });

  it('finds a file that came back, but not for a unit that still runs', () => {
    const back = looked(withFiles(gone, 'web', own));
    expect(loadedOf(back).loadState).toBe('error');
    expect(loadedOf(reloaded(back)).loadState).toBe('loaded');
    const stopped = withStack(gone, 'web', { active: 'inactive' });
    expect(loadedOf(looked(withFiles(stopped, 'web', own)))).toMatchObject({ loadState: 'loaded', marker: 'own' });
  });

  it('forgets a unit that is inactive and that nothing wants: it is read anew by whoever asks', () => {
    expect(loadedOf(looked(withStack(unwanted, 'web', { files: own }))).marker).toBe('own');
    const wanted = withStack(world, 'web', { active: 'inactive', files: own });
    expect(loadedOf(looked(wanted)).marker).toBe('declared');
  });

  it('changes nothing where a look finds what it knows', () => {
    expect(looked(unwanted)).toBe(unwanted);
  });

  it.each([
    ['a unit', unitPath(control, 'web')],
    ['a drop-in', dropInPath(control, 'web')],
    ['a drop-in for a prefix', dropInPath('%t/systemd/transient', 'web', 'prefix')],
  ])('does not notice %s in a directory of its own until another one changes', (_what, path) => {
    const placed = put(unwanted, 'web', path);
    expect(loadedOf(placed)).toEqual(loadedOf(unwanted));
    expect(loadedOf(put(placed, 'duo', dropInPath(owner, 'duo'))).marker).toBe('hand');
    expect(loadedOf(reloaded(placed)).marker).toBe('hand');
  });

  it('notices what is put into a directory of drop-ins that it knew, empty or not', () => {
    const known = reloaded(put(unwanted, 'web', dropInPath(control, 'web')));
    const emptied = taken(known, 'web', dropInPath(control, 'web'));
    expect(loadedOf(emptied).marker).toBe('declared');
    expect(loadedOf(put(emptied, 'web', dropInPath(control, 'web'))).marker).toBe('hand');
    expect(loadedOf(put(known, 'web', dropInPath(control, 'web', 'unit', '60-more'), file('more'))).marker).toBe(
      'more',
    );
  });

  it('has no cause to look around where an empty directory gets a drop-in', () => {
    const path = dropInPath(owner, 'duo');
    const emptied = taken(reloaded(put(unwanted, 'duo', path)), 'duo', path);
    const placed = put(emptied, 'web', unitPath(control, 'web'));
    expect(loadedOf(put(placed, 'duo', path)).marker).toBe('declared');
  });

  it('looks around once it loads a unit, for all that was put there before', () => {
    const due = put(world, 'duo', dropInPath(owner, 'duo')); // nothing is loaded anew: all units run
    const placed = put(due, 'web', unitPath(control, 'web'));
    expect(loadedOf(placed).marker).toBe('declared');
    expect(loadedOf(looked(withStack(placed, 'web', { active: 'inactive', wanted: false }))).marker).toBe('hand');
  });

  it('finds nothing where it believes a unit that has gone from a directory of its own', () => {
    const known = reloaded(put(unwanted, 'web', unitPath(control, 'web')));
    expect(loadedOf(taken(known, 'web', unitPath(control, 'web'))).loadState).toBe('not-found');
  });
});

describe('a link to another path of the search path', () => {
  const shadow = unitPath(control, 'web');
  const wants = wantsPath(owner, 'web');
  const link: OnDisk = { kind: 'link', target: shadow, definition: { revision: 1, marker: 'hand' } };
  const linked = put(put(world, 'web', shadow), 'web', wants, link);

  it('leads nowhere once that is gone, and somewhere again once it is back', () => {
    const gone = taken(linked, 'web', shadow);
    expect(stackIn(gone, 'web').files[wants]).toEqual({ ...link, definition: null });
    expect(stackIn(put(gone, 'web', shadow), 'web').files[wants]).toEqual(link);
  });
});
