import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emptyFolder, typed } from '../helpers/command.ts';

const corpus = new URL('../../corpus/', import.meta.url).pathname;
const entry = (name: string): string => join(corpus, `${name}.json`);

test('an entry becomes a script and a text ready to file', async () => {
  const folder = emptyFolder();
  const { status, out, err } = await typed(
    ['corpus', 'export', entry('enabled-as-declared/disable-rebuild'), '--out', 'disable.sh'],
    folder,
  );
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toContain('disable.sh');
  expect(readdirSync(folder).sort()).toEqual(['disable.md', 'disable.sh']);
  const text = readFileSync(join(folder, 'disable.md'), 'utf8');
  expect(text).toMatch(/^# .+\n\nExpected: .+\n/);
  expect(text).toContain('1. disable web-stack.service');
  expect(text).toMatch(/^- .*: expected `a link into revision 1`, actual `nothing`$/m);
  const script = readFileSync(join(folder, 'disable.sh'), 'utf8');
  expect(script).toContain("'systemctl' '--user' 'disable' 'web-stack.service'");
  // The text of the script is the same, with the versions of the machine on which it is run.
  const asked = spawnSync('bash', [join(folder, 'disable.sh'), '--text'], { encoding: 'utf8' });
  expect(asked.status).toBe(0);
  expect(asked.stdout).toContain(text.trimEnd());
  expect(asked.stdout).toContain('Versions of this machine:');
});

const hasShellcheck = spawnSync('shellcheck', ['--version']).status === 0;
const some = [
  'enabled-as-declared/disable-rebuild',
  'active-means-running/remove-container-rebuild',
  'failure-is-justified/auto-update-3',
  'nothing-half-applied/change-environment-stop-manager-rollback',
];
test.skipIf(!hasShellcheck).each(some)('ShellCheck has nothing to say of %s', async name => {
  const folder = emptyFolder();
  const { status } = await typed(['corpus', 'export', entry(name), '--out', 'a.sh'], folder);
  expect(status).toBe(0);
  expect(spawnSync('shellcheck', [join(folder, 'a.sh')], { encoding: 'utf8' }).stdout).toBe('');
});

test.each([
  ['a reboot', entry('success-means-converged/spoil-secret-reboot'), 'a step that reboots the machine'],
  ['words', entry('names-the-missing-file/spoil-secret-restart'), 'in the words of a failure alone'],
  ['another release', entry('update-claim-is-true/publish-image-auto-update'), 'nothing here imitates'],
  ['no entry', 'missing.json', 'missing.json'],
])('what no script can show is refused: %s', async (_, file, says) => {
  const folder = emptyFolder();
  const { status, err } = await typed(['corpus', 'export', file, '--out', 'a.sh'], folder);
  expect({ status, err }).toEqual({ status: 3, err: expect.stringContaining(says) });
  expect(readdirSync(folder)).toEqual([]);
});
