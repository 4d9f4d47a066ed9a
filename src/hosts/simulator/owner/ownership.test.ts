import { expect, test } from 'vitest';
import { dropInPath, unitPath } from '../../../../models/machine/search-path.ts';
import { bench, editedFile, unitIn, webUnit } from '../../../../tests/helpers/simulated-host.ts';

/** Changes another stack, so that the activation runs, and with it the assertion. */
const activated = (host: Awaited<ReturnType<typeof bench>>) => host.change('duo', 'api', { greeting: 'goodbye' });

test('a fragment outside ~/.config/systemd/user is a violation (facts.md F66)', async () => {
  const host = await bench();
  await host.place(unitPath('%t/systemd/transient', 'web'), editedFile);
  const claim = await activated(host);
  expect(claim).toMatchObject({ ok: false, status: 4 });
  expect(claim.message).toContain(
    `ownership: ${webUnit}: FragmentPath is '/run/user/1500/systemd/transient/${webUnit}'`,
  );
});

test('a drop-in from /etc/systemd/user is a violation (facts.md F66)', async () => {
  const host = await bench();
  await host.place(dropInPath('/etc/systemd/user', 'web'), { kind: 'drop-in', marker: 'other' });
  expect((await activated(host)).message).toContain('DropInPaths has');
});

test.each(['~/.config/systemd/user.control', '%t/systemd/user', '~/.local/share/systemd/user'] as const)(
  'a drop-in in %s passes (facts.md F67; defects.md D31)',
  async directory => {
    const host = await bench();
    await host.place(dropInPath(directory, 'web'), { kind: 'drop-in', marker: 'other' });
    expect((await activated(host)).ok).toBe(true);
    expect(unitIn(await host.observe()).marker).toBe('other');
  },
);

test('a user.control directory begins like the owner’s, but is another (facts.md F66)', async () => {
  const host = await bench();
  await host.place(unitPath('~/.config/systemd/user.control', 'web'), editedFile);
  expect((await activated(host)).ok).toBe(false);
});
