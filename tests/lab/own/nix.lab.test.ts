import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { boot, type LabMachine, labAvailable } from '../../../src/hosts/lab/index.ts';
import { written } from '../../../src/hosts/real/levers/write.ts';
import { first, labDeployment, profile } from '../../helpers/lab-host.ts';

const text = (file: string): string => readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');

/** The parts of nixpkgs that the module uses; what it stores is really in the store. */
const standIns = `
  lib = {
    mkOption = option: option; mkEnableOption = what: { }; mkIf = condition: value: if condition then value else { };
    types = { path = 0; str = 0; attrs = 0; nullOr = type: 0; listOf = type: 0; };
  };
  pkgs = {
    writeTextDir = name: text: builtins.dirOf (builtins.toFile name text);
    writeShellScript = name: text: builtins.toFile name "#!bash\\n\${text}";
  };`;

/** A unit of contrib/, for the host wsl, in the form that Home Manager takes. */
function contributed(file: string): object {
  const sections: Record<string, Record<string, unknown>> = {};
  let section: Record<string, unknown> = {};
  for (const line of text(`contrib/systemd/${file}`).replaceAll('%i', 'wsl').split('\n')) {
    const [, name] = /^\[(\w+)\]$/.exec(line) ?? [];
    if (name !== undefined) {
      section = {};
      sections[name] = section;
    }
    const [, key, value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (key === undefined) continue;
    section[key] = key === 'WantedBy' ? [value] : key === 'Nice' ? Number(value) : value === 'false' ? false : value;
  }
  const unit = sections.Unit;
  if (unit?.OnFailure !== undefined) unit.OnFailure = 'stackfuzz-nightly-wsl-failed.service';
  return sections;
}

describe.skipIf(!labAvailable().ok)('nix/', () => {
  let machine: LabMachine;
  const run = async (script: string): Promise<string> => {
    const ran = await machine.channel.run(script, { as: 'root' });
    expect(ran, script).toMatchObject({ status: 0 });
    return ran.stdout;
  };
  beforeAll(async () => {
    machine = await boot();
    const files = labDeployment(profile, 'docker-compose').render(first);
    await run(
      written('/root/nix', {
        'home-manager.nix': text('nix/home-manager.nix'),
        'nightly.nix': text('nix/nightly.nix'),
        'example/flake.nix': text('nix/example/flake.nix'),
        stack: text('src/profiles/home-manager/stack'),
        'wanted.json': JSON.stringify({ ...first, files }),
        'ask.nix': `let ${standIns}
  asked = declaration: (import ./home-manager.nix {
    inherit lib pkgs;
    config.services.stackfuzz = { enable = true; path = "/sw/bin"; wrapper = ./stack; inherit declaration; };
  }).config.xdg.configFile;
  all = asked ./wanted.json;
  nights = given:
    let
      module = import ./nightly.nix { inherit lib; config.services.stackfuzz.nightly = defaults // given; };
      defaults = builtins.mapAttrs (name: option: option.default or false) module.options.services.stackfuzz.nightly;
    in module.config;
in {
  plain = nights { enable = true; hosts = [ "wsl" ]; onFailure = "mail"; };
  whole = nights {
    enable = true; onCalendar = "hourly"; flags = [ "--models" "./mine" ];
    settings = { hosts.igpu.environment = "non-prod"; hosts.wsl = { }; };
  };
  names = builtins.attrNames all;
  unit = builtins.baseNameOf all."systemd/user/web-stack.service".source;
  same = all."systemd/user/web-stack.service".source == all."systemd/user/default.target.wants/web-stack.service".source;
  declared = builtins.fromJSON all."stackfuzz/declaration.json".text;
  nothing = asked ./not-there.json;
}`,
      }),
    );
    await run('nix-store --init');
  });
  afterAll(() => machine?.down());

  test('is Nix', async () => {
    await run('cd /root/nix && nix-instantiate --parse home-manager.nix nightly.nix example/flake.nix > /dev/null');
  });

  test('the module makes the units that the profile renders, and says which revision they are', async () => {
    const answer = JSON.parse(
      await run('cd /root/nix && nix-instantiate --eval --read-write-mode --strict --json ask.nix'),
    );
    expect(answer).toMatchObject({
      names: [
        'stackfuzz/declaration.json',
        'systemd/user/default.target.wants/duo-stack.service',
        'systemd/user/default.target.wants/web-stack.service',
        'systemd/user/duo-stack.service',
        'systemd/user/web-stack.service',
      ],
      unit: 'web-stack.service',
      same: true,
      declared: first,
      nothing: {},
    });
  });

  test('nights are the units of contrib/, and the hosts file may stand in Nix', async () => {
    const { plain, whole } = JSON.parse(
      await run('cd /root/nix && nix-instantiate --eval --read-write-mode --strict --json ask.nix'),
    );
    const { services, timers } = plain.systemd.user;
    const made = {
      'stackfuzz-nightly@.service': services['stackfuzz-nightly-wsl'],
      'stackfuzz-nightly@.timer': timers['stackfuzz-nightly-wsl'],
    };
    for (const [file, unit] of Object.entries(made)) expect(unit, file).toEqual(contributed(file));
    expect(services['stackfuzz-nightly-wsl-failed'].Service.ExecStart).toBe('mail');
    expect(plain.xdg.configFile).toEqual({});
    expect(Object.keys(whole.systemd.user.timers)).toEqual(['stackfuzz-nightly-igpu', 'stackfuzz-nightly-wsl']);
    expect(whole.systemd.user.timers['stackfuzz-nightly-wsl'].Timer.OnCalendar).toBe('hourly');
    expect(Object.keys(whole.systemd.user.services)).toHaveLength(2);
    expect(whole.systemd.user.services['stackfuzz-nightly-wsl'].Service.ExecStart).toMatch(
      /--host wsl .* --hosts %h\/\.config\/stackfuzz\/stackfuzz\.yaml --models \.\/mine$/,
    );
    expect(JSON.parse(whole.xdg.configFile['stackfuzz/stackfuzz.yaml'].text)).toEqual({
      hosts: { igpu: { environment: 'non-prod' }, wsl: {} },
    });
  });

  test('nothing in a unit is left to be filled in, and the rest is as it was rendered', async () => {
    const units = (await run('cat /nix/store/*-web-stack.service')).split('\n');
    const rendered = labDeployment(profile, 'docker-compose').render(first)['units/web-stack.service'] ?? '';
    const other = rendered.split('\n').filter((line, at) => line !== units[at]);
    expect(other.map(line => line.split('=')[0])).toEqual(['Environment', 'ExecStart', 'ExecStop']);
    const changed = units.filter(line => /^(ExecStart|ExecStop)=|\bPATH=/.test(line)).join('\n');
    expect(changed).not.toContain('@');
    expect(changed).toMatch(/PATH=\/sw\/bin$/m);
    expect(changed).toMatch(/^ExecStart=\/nix\/store\/\S+-stack up \/nix\/store\/\S*compose\.yml /m);
  });
});
