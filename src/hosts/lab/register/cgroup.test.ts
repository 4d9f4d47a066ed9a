import { expect, test } from 'vitest';
import { hierarchies } from './cgroup.ts';

test('hybrid cgroups: the unified hierarchy and the one named systemd', () => {
  const mountinfo = `31 23 0:28 / /sys/fs/cgroup rw shared:9 - tmpfs tmpfs rw,mode=755
39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:4 master:1 - cgroup2 cgroup2 rw
`;
  expect(hierarchies(mountinfo)).toEqual(['/sys/fs/cgroup/systemd', '/sys/fs/cgroup/unified']);
});

test('cgroup v2 alone: one hierarchy', () => {
  expect(hierarchies('30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n')).toEqual([
    '/sys/fs/cgroup',
  ]);
});
