import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildRoot, labAvailable } from '../hosts/lab/index.ts';
import { loadProfile } from '../profiles/profile.ts';
import { render } from '../profiles/render.ts';

const lab = labAvailable();
const folder = 'tests/fixtures/homelab';

describe.skipIf(!lab.ok)(`six stacks of a usual homelab${lab.ok ? '' : ` (skipped: ${lab.fix})`}`, () => {
  beforeAll(async () => void (await buildRoot()), 900_000);

  test('what comes in of each, and what not', async () => {
    const profile = loadProfile('home-manager', [folder]);
    const { stacks } = profile.declaration;
    const texts = Object.entries(stacks).map(([name, { project, services }]) => {
      const all = Object.entries(project?.services ?? {}).map(([service, own]) => {
        const off = services[service] === undefined ? ` (off: profile ${own.profiles.join(', ')})` : '';
        const settings = (services[service]?.settings ?? '').split('\n').map(line => `      ${line}`);
        return [`    ${service}: ${own.tag}${off}`, ...(settings.join('').trim() === '' ? [] : settings)].join('\n');
      });
      return [
        `${name}:`,
        '  comes in:',
        ...all,
        '  is said:',
        ...profile.notes.filter(isOf(name)).map(note => `    ${note}`),
      ];
    });
    const page = `${texts.map(lines => lines.join('\n')).join('\n\n')}\n`;
    await expect(page).toMatchFileSnapshot(fileURLToPath(new URL(`../../${folder}/comes-in.txt`, import.meta.url)));
    expect(Object.keys(render(profile, profile.declaration, 'docker-compose'))).toHaveLength(1 + 2 * texts.length);
  });
});

test.skipIf(!lab.ok)(
  'of the stacks of activation packages is said which are run, and which are left out',
  async () => {
    await buildRoot();
    const fixture = 'tests/fixtures/activation-package';
    const said = (stacks: readonly string[], packages: readonly string[]): readonly string[] =>
      loadProfile(
        'home-manager',
        stacks,
        packages.map(name => `${fixture}/${name}`),
      ).notes.flatMap(note => note.match(/runs compose\.yaml: (.*)/)?.[1] ?? []);
    const instead = "in its place a unit of the profile's runs the stack photos";
    expect(said([], ['26.05.closure', 'cache-26.11'])).toEqual([instead, `${instead}, as the first package has it`]);
    expect(said(['docs/examples/wiki'], ['26.05.closure'])).toEqual(['left out, since the stacks are others']);
  },
  900_000,
);

const isOf = (name: string) => (note: string) => note.startsWith(`${folder}/${name}/`);
