import { expect, test } from 'vitest';
import { labOperator, normalPath, placeOf } from './paths.ts';

test('a path and its normal form lead to each other', () => {
  for (const [path, place] of [
    ['~/.config/systemd/user/web-stack.service', '/home/homelab/.config/systemd/user/web-stack.service'],
    ['%t/systemd/transient', '/run/user/1500/systemd/transient'],
    ['/etc/systemd/user', '/etc/systemd/user'],
    ['~', '/home/homelab'],
  ] as const) {
    expect(placeOf(path, labOperator)).toBe(place);
    expect(normalPath(place, labOperator)).toBe(path);
  }
});

test('only whole names are shortened', () => {
  expect(normalPath('/home/homelab2/x', labOperator)).toBe('/home/homelab2/x');
  expect(normalPath('/run/user/15001/x', labOperator)).toBe('/run/user/15001/x');
});

test('a directory that is only a link to another is told by that one', () => {
  const unit = '/systemd/user/web-stack.service';
  expect(normalPath(`/etc/xdg${unit}`, labOperator)).toBe(`/etc${unit}`);
  expect(normalPath('/etc/xdg/systemd/user', labOperator)).toBe('/etc/systemd/user');
  expect(normalPath('/etc/xdg/systemd/user2', labOperator)).toBe('/etc/xdg/systemd/user2');
});

test('hashes of the Nix store are left out', () => {
  const place = '/nix/store/9gxmh8lf91xxjlgzayhinggsprmwghdd-unit-web-stack.service/web-stack.service';
  expect(normalPath(place, labOperator)).toBe('/nix/store/…-unit-web-stack.service/web-stack.service');
});
