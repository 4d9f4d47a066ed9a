import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { differences } from './compare.ts';

describe('differences', () => {
  test('are plain sentences', () => {
    const expected = { containers: { 'web/app': { image: 'v1', state: 'running' } }, units: {}, gone: { a: 1 } };
    const found = { containers: { 'web/app': { image: 'v2', state: 'running' } }, units: { x: null } };
    expect(differences(expected, found)).toEqual([
      'containers["web/app"].image: expected "v1", found "v2"',
      'gone: expected {"a":1}, found nothing',
      'units.x: expected nothing, found null',
    ]);
  });

  test('name a place once where the type changed', () => {
    expect(differences({ a: { b: null } }, { a: { b: { c: 1 } } })).toEqual(['a.b: expected null, found {"c":1}']);
    expect(differences({ a: 'x' }, { a: ['x'] })).toEqual(['a: expected "x", found ["x"]']);
  });

  test('name fields of lists and paths', () => {
    const path = '~/.config/systemd/user/web-stack.service.d/50-drift.conf';
    expect(differences({ list: ['a', 'b'], files: {} }, { list: ['b'], files: { [path]: 1 } })).toEqual([
      `files[${JSON.stringify(path)}]: expected nothing, found 1`,
      'list[0]: expected "a", found "b"',
      'list[1]: expected "b", found nothing',
    ]);
  });

  test('name the whole if it is no object', () => {
    expect(differences(1, 2)).toEqual(['the whole: expected 1, found 2']);
  });

  test('ignore the order of keys, and undefined ones', () => {
    expect(differences({ a: 1, b: 2 }, { b: 2, a: 1, c: undefined })).toEqual([]);
    expect(differences({ a: 1, b: { x: 1, y: 2 } }, { a: 2, b: { y: 3, x: 4 } })).toEqual(
      differences({ b: { y: 2, x: 1 }, a: 1 }, { b: { x: 4, y: 3 }, a: 2 }),
    );
  });

  test('are found exactly if the JSON differs', () => {
    // Few keys and few values, so that many pairs are equal or nearly equal.
    const values = [fc.constantFrom<unknown>(0, 1, null, 'a')];
    const json = fc.anything({ values, key: fc.constantFrom('a', 'b'), maxDepth: 2, maxKeys: 2 });
    fc.assert(
      fc.property(json, json, (one, other) => {
        const same = stable(one) === stable(other);
        expect(differences(one, other).length === 0).toBe(same);
        expect(differences(one, JSON.parse(JSON.stringify(one)))).toEqual([]);
      }),
    );
  });
});

function stable(value: unknown): string {
  return JSON.stringify(value, (_key, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}
