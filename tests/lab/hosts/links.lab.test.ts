import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { boot, labAvailable, snapshot } from '../../../src/hosts/lab/index.ts';
import { prepare } from '../../../src/hosts/real/prepare.ts';
import { loadProfile } from '../../../src/profiles/profile.ts';
import { labDeployment } from '../../helpers/lab-host.ts';

// Not below /tmp, which in a machine is a file system of its own and is empty after each boot.
const outside = mkdtempSync('/var/tmp/stackfuzz-outside-');
const folder = mkdtempSync(join(tmpdir(), 'stackfuzz-links-'));
afterAll(() => {
  for (const each of [outside, folder]) rmSync(each, { recursive: true });
});

/** In the machine these become links to folders whose paths also exist on this computer. */
const linked = ['/var/log', '/var/lib/stackfuzz', '/usr/local/lib', '/var/lib/systemd', '/etc/systemd/system'];

/** Another install command: the profile's own, and then the links. */
function withLinks(text: string): string {
  const links = linked.map(place => {
    const target = outside + place;
    return `mkdir -p ${target} && cp -a ${place}/. ${target}/ && rm -rf ${place} && ln -s ${target} ${place}`;
  });
  const install = /^( *install: )(.*)$/m;
  if (!install.test(text)) throw new Error('no install command in one line');
  return text.replace(install, (_, key: string, command: string) => `${key}${[command, ...links].join(' && ')}`);
}

test.skipIf(!labAvailable().ok)(
  'the links that a profile makes in a machine are not followed on this computer',
  async () => {
    const directory = join(folder, 'linking');
    const own = loadProfile('home-manager');
    cpSync(own.directory, directory, { recursive: true });
    writeFileSync(join(directory, 'profile.yaml'), withLinks(readFileSync(join(directory, 'profile.yaml'), 'utf8')));
    for (const place of [...linked, '/var/log/journal']) {
      mkdirSync(outside + place, { recursive: true });
      writeFileSync(join(outside + place, 'keep'), 'of this computer');
    }
    const all = (): readonly string[] => readdirSync(outside, { recursive: true, encoding: 'utf8' }).sort();
    const before = all();

    const deployment = labDeployment(loadProfile(directory), 'docker-compose');
    const made = await snapshot(`links ${outside}`, machine => prepare(machine.channel, deployment));
    try {
      const machine = await boot({ snapshot: made });
      try {
        const look = `readlink ${linked.join(' ')}; cat ${outside}/var/log/keep`;
        const expected = { status: 1, stdout: linked.map(place => `${outside}${place}\n`).join('') };
        expect(await machine.channel.run(look, { as: 'root' })).toMatchObject(expected);
        await machine.reboot();
        expect(await machine.channel.run(look, { as: 'root' })).toMatchObject(expected);
      } finally {
        await machine.down();
      }
    } finally {
      rmSync(made.directory, { recursive: true });
    }
    expect(all()).toEqual(before);
  },
);
