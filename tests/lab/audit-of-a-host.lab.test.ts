import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../models/host.ts';
import { audit } from '../../src/audit/audit.ts';
import { deploymentOf } from '../../src/cli/machines.ts';
import { targetOf } from '../../src/cli/options.ts';
import { labAvailable } from '../../src/hosts/lab/index.ts';
import { labMachines } from '../../src/hosts/lab/lab-machines.ts';
import { labOperator } from '../../src/hosts/paths.ts';
import { realHost } from '../../src/hosts/real/real.ts';
import type { Channel } from '../../src/hosts/transport/channel.ts';

const lab = labAvailable();

/** Something done behind the owner's back, what the audit says about it (one pattern each), and how it is undone. */
interface Drift {
  readonly done: string;
  readonly undone: string;
  readonly says: readonly RegExp[];
  readonly as?: 'root';
}

const units = '~/.config/systemd/user';
const reload = 'systemctl --user daemon-reload';
const stacks = ['duo-stack.service', 'web-stack.service'];
const image = 'localhost:5000/probe';
/** A unit of the same name with no owner. */
const foreign = "printf '[Service]\\nType=oneshot\\nRemainAfterExit=yes\\nExecStart=/bin/true\\n'";
/** Puts the links of the generation back. */
const relinked = `tree=$(readlink -e ~/.local/state/home-manager/gcroots/current-home/home-files)/.config/systemd/user
for leaf in web-stack.service default.target.wants/web-stack.service; do ln -sfnT "$tree/$leaf" ${units}/$leaf; done; ${reload}`;

const drifts: Readonly<Record<string, Drift>> = {
  'a drop-in': {
    done: `mkdir -p ${units}/web-stack.service.d; printf '[Service]\\nEnvironment=X=1\\n' > ${units}/web-stack.service.d/50-x.conf; ${reload}`,
    undone: `rm -r ${units}/web-stack.service.d; ${reload}`,
    says: [/^ownership web-stack.service ~\/\.config\/systemd\/user\/web-stack\.service\.d\/50-x\.conf extends it/],
  },
  'a drop-in for all services, which the manager has not read': {
    done: "mkdir -p ~/.local/share/systemd/user/service.d; printf '[Service]\\nEnvironment=X=1\\n' > ~/.local/share/systemd/user/service.d/x.conf",
    undone: `rm -r ~/.local/share/systemd; ${reload}`,
    says: [
      /^ownership null ~\/\.local\/share\/systemd\/user\/service\.d\/x\.conf extends it/,
      /^drift duo-stack.service duo-stack.service was changed on disk/,
      /^drift web-stack.service web-stack.service was changed on disk/,
    ],
  },
  'a shadow in a stronger directory': {
    done: `mkdir -p ${units}.control; ${foreign} > ${units}.control/web-stack.service; ${reload}`,
    undone: `rm ${units}.control/web-stack.service; ${reload}`,
    says: [
      /^ownership web-stack.service ~\/\.config\/systemd\/user\.control\/web-stack\.service shadows the unit that Home Manager has/,
    ],
  },
  'a shadow in a stronger directory, not loaded': {
    done: `mkdir -p ${units}.control; ${foreign} > ${units}.control/web-stack.service`,
    undone: `rm ${units}.control/web-stack.service`,
    says: [
      /^ownership web-stack.service ~\/\.config\/systemd\/user\.control\/web-stack\.service shadows/,
      /^drift web-stack.service web-stack.service is loaded from .*, though .*user\.control\/web-stack\.service comes first/,
    ],
  },
  'a unit of the same name in a weaker directory': {
    done: `mkdir -p ~/.local/share/systemd/user; ${foreign} > ~/.local/share/systemd/user/web-stack.service; ${reload}`,
    undone: `rm -r ~/.local/share/systemd; ${reload}`,
    says: [/^ownership web-stack.service ~\/\.local\/share\/systemd\/user\/web-stack\.service is a second unit/],
  },
  'a regular file in place of the link, not loaded': {
    done: `cp --remove-destination "$(readlink -f ${units}/web-stack.service)" ${units}/x; sed -i 's/declared/edited/' ${units}/x; mv -fT ${units}/x ${units}/web-stack.service`,
    undone: relinked,
    says: [
      /^ownership web-stack.service ~\/\.config\/systemd\/user\/web-stack\.service is a regular file, not the link/,
      /^drift web-stack.service web-stack.service was changed on disk/,
      /^drift web-stack.service web-stack.service has another Environment in memory/,
    ],
  },
  'a link past the generation, as systemctl enable makes it': {
    done: `ln -sfnT "$(readlink -f ${units}/web-stack.service)" ${units}/default.target.wants/web-stack.service`,
    undone: relinked,
    says: [
      /^ownership web-stack.service ~\/\.config\/systemd\/user\/default\.target\.wants\/web-stack\.service is a link to/,
    ],
  },
  'a link to nowhere': {
    done: `ln -sfnT /nowhere ${units}/web-stack.service`,
    undone: relinked,
    says: [
      /^ownership web-stack.service .*web-stack\.service is a link to \/nowhere, which is not there, not the link/,
      /^drift web-stack.service web-stack.service was changed on disk/,
    ],
  },
  'a mask': {
    done: `ln -sfnT /dev/null ${units}/web-stack.service; ${reload}`,
    undone: relinked,
    says: [
      /^ownership web-stack.service .*web-stack\.service is a mask, not the link/,
      /^drift web-stack.service web-stack.service is masked/,
    ],
  },
  'disabled, by which the unit goes': {
    done: 'systemctl --user disable web-stack.service',
    undone: relinked,
    says: [
      /^ownership web-stack.service ~\/\.config\/systemd\/user\/web-stack\.service is missing/,
      /^ownership web-stack.service ~\/\.config\/systemd\/user\/default\.target\.wants\/web-stack\.service is missing/,
      /^drift web-stack.service web-stack.service is active, though it has no definition any more/,
    ],
  },
  'a container, a network and a volume of nobody': {
    done: `podman run -d --name stray ${image}:v1; podman network create --label com.docker.compose.project=gone gone_default; podman volume create --label com.docker.compose.project=gone gone_data`,
    undone: 'podman rm -f -t 0 stray; podman network rm gone_default; podman volume rm gone_data',
    says: [
      /^orphan null container stray belongs to no unit/,
      /^orphan null network gone_default belongs to no unit/,
      /^orphan null volume gone_data belongs to no unit/,
    ],
  },
  'a second container of a service, made otherwise, which names another unit': {
    done: `podman run -d --name twin --label com.docker.compose.project=web --label com.docker.compose.service=app --label PODMAN_SYSTEMD_UNIT=other.service --label io.containers.autoupdate=registry -e GREETING=bye -e STACK_MARKER=declared ${image}:stable`,
    undone: 'podman rm -f -t 0 twin',
    says: [
      /^freshness web-stack.service container twin was made from another definition: variable GREETING/,
      /^labels web-stack.service container twin names other\.service/,
      /^orphan web-stack.service web\/app has 2 containers, 1 too many: /,
    ],
  },
  'a container that runs, and is of a service that is gone': {
    done: `podman run -d --name left --label com.docker.compose.project=web --label com.docker.compose.service=old --label PODMAN_SYSTEMD_UNIT=web-stack.service ${image}:v1`,
    undone: 'podman rm -f -t 0 left',
    says: [/^orphan web-stack.service container left is of service old, which .* does not have/],
  },
  'a newer image under the same tag': {
    done: `podman pull -q ${image}:v2; podman tag ${image}:v2 ${image}:stable`,
    undone: `podman tag ${image}:v1 ${image}:stable; podman untag ${image}:v2`,
    says: [
      /^freshness duo-stack.service container duo-api-1 runs an older image than localhost:5000\/probe:stable is here now/,
      /^freshness web-stack.service container web-app-1 runs an older image/,
    ],
  },
  'a unit that was stopped': {
    done: 'systemctl --user stop duo-stack.service',
    undone: 'systemctl --user start duo-stack.service',
    says: [/^health duo-stack.service duo-stack.service is inactive, though it is meant to run/],
  },
  'a unit that failed': {
    done: 'mv secrets/web.env secrets/aside; systemctl --user restart web-stack.service || true',
    undone: 'mv secrets/aside secrets/web.env; systemctl --user restart web-stack.service',
    says: [/^health web-stack.service web-stack.service has failed \(exit-code\)/],
  },
  'a container that was stopped by hand': {
    done: 'podman stop -t 5 duo-db-1',
    undone: 'podman start duo-db-1',
    says: [/^health duo-stack.service container duo-db-1 has ended with status 0/],
  },
  'a container that was removed': {
    done: 'podman rm -f -t 0 web-app-1',
    undone: 'systemctl --user restart web-stack.service',
    says: [/^health web-stack.service web\/app has no container/],
  },
  'an unhealthy container': {
    done: 'podman exec web-app-1 touch /sick; podman healthcheck run web-app-1 || true',
    undone: 'podman exec web-app-1 rm /sick; podman healthcheck run web-app-1',
    says: [/^health web-stack.service container web-app-1 is unhealthy/],
  },
  'no linger': {
    as: 'root',
    done: 'rm /var/lib/systemd/linger/homelab',
    undone: 'touch /var/lib/systemd/linger/homelab',
    says: [/^manager null user manager of homelab does not linger/],
  },
};

/** A machine with this profile on it, at rest. */
async function fresh(profile: string, provider?: string): Promise<{ host: Host; channel: Channel }> {
  const deployment = deploymentOf(targetOf(profile, provider));
  const machines = await labMachines(deployment, { expected: 1 });
  let channel: Channel | null = null;
  const take = async () => {
    const machine = await machines.take();
    channel = machine.channel;
    return machine;
  };
  const host = realHost({ ...deployment, machines: { ...machines, take } });
  await host.reset();
  if (channel === null) throw new Error('no machine was taken');
  return { host, channel };
}

describe.skipIf(!lab.ok)(`the audit of a host${lab.ok ? '' : ` (skipped: ${lab.fix})`}`, () => {
  let host: Host;
  let channel: Channel;
  /** The units of the last audit. */
  let names: readonly string[] = [];

  beforeAll(async () => {
    ({ host, channel } = await fresh('home-manager'));
  });
  afterAll(() => host?.close());

  /** What it says, one line each: kind, unit, subject, sentence. */
  async function said(): Promise<readonly string[]> {
    const { findings, units } = await audit(channel, labOperator);
    names = units.map(({ name }) => name);
    return findings.map(({ kind, unit, subject, says }) => `${kind} ${unit} ${subject} ${says}`);
  }

  /** The same of one unit, with `--deep`. */
  const deeply = async (unit: string): Promise<readonly string[]> =>
    (await audit(channel, labOperator, { deep: true })).findings
      .filter(each => each.unit === unit && each.kind === 'freshness')
      .map(({ subject, says }) => `${subject} ${says}`);

  async function run(script: string, as: 'operator' | 'root' = 'operator'): Promise<string> {
    const ran = await channel.run(`set -e\n${script}`, { as, timeoutMs: 60_000 });
    expect(ran, script).toMatchObject({ status: 0 });
    return ran.stdout;
  }

  it('finds no fault with a machine that was just installed, and changes nothing on it', async () => {
    // The probe of a healthcheck writes a log.
    await run("systemctl --user stop '*.timer'");
    const before = await run(snapshot, 'root');
    expect(before.split('\n').length).toBeGreaterThan(200);
    expect(await said()).toEqual([]);
    expect(await run(snapshot, 'root')).toBe(before);
  });

  it('has docker compose hash what would be made now, which is what was made', async () => {
    expect((await audit(channel, labOperator, { deep: true })).findings).toEqual([]);
  });

  it.each(['docker-compose', 'podman-compose'])(
    'sees through include, extends and several files of %s',
    async provider => {
      const files = provider === 'docker-compose' ? ['compose.yml', 'over.yml'] : ['compose.yml'];
      const compose =
        provider === 'docker-compose'
          ? `podman compose -p mixed ${files.map(file => `-f /home/homelab/mixed/${file}`).join(' ')}`
          : 'podman-compose -p mixed -f /home/homelab/mixed/compose.yml';
      await run(`mkdir -p mixed/sub ${units}; cd mixed
printf 'include: [sub/more.yml]\\nservices:\\n  a:\\n    extends: { file: base.yml, service: base }\\n    environment: { WHO: "$MARKER" }\\n    env_file: [a.env]\\n' > compose.yml
printf 'services:\\n  base: { image: "${image}:v1", labels: { x: y } }\\n' > base.yml
printf 'services:\\n  b: { image: "${image}:v1", environment: [B=1] }\\n' > sub/more.yml
printf 'services:\\n  a: { labels: { z: w } }\\n' > over.yml
echo KEY=one > a.env
printf '[Service]\\nType=oneshot\\nRemainAfterExit=yes\\nEnvironment=MARKER=me\\nExecStart=/usr/bin/${compose} up -d\\nExecStop=/usr/bin/${compose} down\\n' > ${units}/odd.service
systemctl --user start odd.service`);
      try {
        await said();
        expect(names).toEqual([stacks[0], 'odd.service', stacks[1]]);
        expect(await deeply('odd.service')).toEqual([]);
        await run('sed -i s/B=1/B=2/ mixed/sub/more.yml');
        expect(await deeply('odd.service')).toEqual([
          expect.stringMatching(/mixed.b.1 was made from another definition: variable B is not as .*compose\.yml/),
        ]);
        await run(
          "sed -i s/B=2/B=1/ mixed/sub/more.yml; echo KEY=two > mixed/a.env; sed -i 's/: y }/: y }, hostname: h/' mixed/base.yml",
        );
        if (provider === 'docker-compose')
          expect(await deeply('odd.service')).toEqual([
            expect.stringMatching(/mixed.a.1 was made from another definition: variable KEY is not as .*over\.yml/),
          ]);
        await run('echo KEY=one > mixed/a.env');
        if (provider === 'docker-compose')
          expect(await deeply('odd.service')).toEqual([
            expect.stringMatching(/mixed.a.1 was made from another definition than .* is now: docker compose's hash/),
          ]);
      } finally {
        await run(`systemctl --user stop odd.service; rm -r mixed ${units}/odd.service; ${reload}`);
      }
      expect(await said()).toEqual([]);
    },
  );

  it.each([
    ['hardened', 'podman-compose'],
    ['nixos-etc', 'docker-compose'],
  ])('finds no fault with %s under %s', async (profile, provider) => {
    const other = await fresh(profile, provider);
    try {
      const { units, findings } = await audit(other.channel, labOperator);
      expect(findings).toEqual([]);
      expect(units.map(({ name }) => name)).toEqual(stacks);
      expect(new Set(units.map(({ owner }) => owner))).toEqual(
        new Set([profile === 'nixos-etc' ? 'NixOS' : 'Home Manager']),
      );
    } finally {
      await other.host.close();
    }
  });

  it.each(Object.entries(drifts))('names %s', async (_, { done, undone, says, as }) => {
    await run(done, as);
    const found = await said();
    const seen = names;
    await run(undone, as);
    expect({
      names: seen,
      missing: says.filter(pattern => found.filter(line => pattern.test(line)).length !== 1).map(String),
      besides: found.filter(line => !says.some(pattern => pattern.test(line))),
    }).toEqual({ names: stacks, missing: [], besides: [] });
    expect(await said()).toEqual([]);
  });
});

/** Everything in the operator's home and runtime directory with its content, and which of the operator's units run. */
const snapshot = `cd /; find /home/homelab /run/user/1500 -path /run/user/1500/systemd/units -prune -o -printf '%p %y %m %u %s %T@ %l\\n' | LC_ALL=C sort
find /home/homelab /run/user/1500 -type f -exec sha256sum {} + | LC_ALL=C sort -k 2`;
