import { basename } from 'node:path';
import type { Declaration } from '../../../models/machine/declaration.ts';
import { overlap } from '../../../models/machine/subnet.ts';
import type { HostProfile } from '../deployment.ts';
import type { Lacking, OwnHostFacts } from './facts.ts';
import type { Names } from './names.ts';
import type { OwnHost } from './own-host.ts';
import { programIn } from './program.ts';

/** Why nothing is done to a machine: what was expected, what was found, and what to type. */
export interface Trouble {
  readonly expected: string;
  readonly found: string;
  readonly next: string;
}

/** What must be right before anything is changed, in the order in which one would repair it. */
export function troublesOf(
  host: OwnHost,
  profile: HostProfile & {
    readonly name: string;
    readonly versions: readonly string[];
    readonly takesForeignUnits: boolean;
    readonly declaration: Declaration;
  },
  provider: string,
  names: Names,
  facts: OwnHostFacts & Lacking,
): readonly Trouble[] {
  const { commands, probe, prefix } = host;
  const foreign = facts.stackUnits.filter(path => !names.stacks.includes(stackOf(path)));
  const all: (Trouble | false)[] = [
    host.environment !== 'non-prod' && {
      expected: 'environment: non-prod, since it is to be changed',
      found: host.environment ?? 'none',
      next: `Where it may be broken for a night, write  environment: non-prod  (${host.where}); else leave it alone: stackfuzz audit changes nothing.`,
    },
    facts.lacking.length > 0 && {
      expected: 'the programs that stackfuzz uses on a machine',
      found: `one without ${facts.lacking.join(', ')}`,
      next: 'Install them.',
    },
    facts.podman === null && { expected: 'podman', found: 'none', next: 'Install podman, rootless, for the operator.' },
    facts.podman !== null &&
      !facts.providers.includes(provider) && {
        expected: `${provider}, by which podman compose works`,
        found: facts.providers.join(', ') || 'no compose provider',
        next: `Install it, or write  provider: ${facts.providers[0] ?? 'podman-compose'}`,
      },
    !facts.lingers && {
      expected: `that ${facts.operator.name} lingers, so that the stacks run without a session`,
      found: 'that they do not',
      next: `On the machine: loginctl enable-linger ${facts.operator.name}`,
    },
    !['running', 'degraded'].includes(facts.manager) && {
      expected: `a user manager of ${facts.operator.name} that runs`,
      found: facts.manager || 'none',
      next: `On the machine: systemctl start user@${facts.operator.uid}.service`,
    },
    commands === 'profile' &&
      facts.isNixos && {
        expected: 'commands of your own: those of a shipped profile would replace the system profile of NixOS',
        found: 'commands: profile',
        next: `Write  commands: { rebuild: sudo -n nixos-rebuild switch --flake .#${host.name} }  and where the declaration is written (docs/hosts.md).`,
      },
    commands === 'profile' &&
      host.root === 'none' && {
        expected: 'root: sudo or ssh-root, since the commands of a profile are run as root',
        found: 'root: none',
        next: 'Write  root: sudo  or commands of your own.',
      },
    commands === 'profile' &&
      !facts.hasNix && {
        expected: `Nix, with which ${profile.name} installs units`,
        found: 'none',
        next: 'Install Nix, or write commands of your own.',
      },
    commands === 'profile' &&
      profile.takesForeignUnits &&
      foreign.length > 0 && {
        expected: `no stack but those under test, since ${profile.name} moves away every unit that ends in -stack.service and is not its own`,
        found: foreign.join(', '),
        next: 'Write another profile, or commands of your own (docs/hosts.md).',
      },
    commands !== 'profile' &&
      facts.generation === 'no place' && {
        expected: `an owner that installs generations at ${profile.state.profile}, as ${profile.name} says`,
        found: 'no such place on the machine',
        next: 'Write the owner that the machine has: owner: home-manager or nixos-etc; or a profile of your own whose state says where (docs/profiles.md).',
      },
    ...commandTroubles(host, facts),
    ...(probe.serve ? servingTroubles(host, facts) : tagTroubles(host, profile.versions, facts)),
    probe.tags !== undefined &&
      !probe.serve &&
      !facts.seesTags && {
        expected: `the registry's tags in ${probe.tags}, as probe.tags says`,
        found: 'no such directory',
        next: 'Write where it is, or leave probe.tags out.',
      },
    ...composeTroubles(host, profile.declaration, facts),
    ...[...facts.stackUnits.map(stackOf), ...facts.projects]
      .filter((name, at, every) => every.indexOf(name) === at)
      .filter(name => name.startsWith(prefix) && !names.stacks.includes(name))
      .map(name => ({
        expected: `stacks.prefix to be one that no other stack's name begins with`,
        found: `the stack ${name}, which begins with ${prefix} and is not under test`,
        next: 'Take another prefix.',
      })),
  ];
  return all.filter(one => one !== false);
}

/** Ports and subnets of compose files that the machine has in use. */
function composeTroubles({ name }: OwnHost, { stacks }: Declaration, facts: OwnHostFacts): readonly Trouble[] {
  const projects = Object.values(stacks).flatMap(({ project }) => project ?? []);
  const published = projects.flatMap(({ services }) =>
    Object.values(services).flatMap(({ ports }) => ports.map(port => `${port.published}/${port.protocol}`)),
  );
  const taken = published.filter(port => facts.listening.includes(port));
  const subnets = projects.flatMap(({ networks }) =>
    Object.values(networks).flatMap(({ subnet, external }) => (subnet === null || external ? [] : [subnet])),
  );
  const clashes = subnets.filter(subnet => facts.subnets.some(other => overlap(subnet, other)));
  const next = 'Give it another one in a compose.override.yaml beside the compose file, or stop what has it.';
  return [
    ...(taken.length === 0
      ? []
      : [
          {
            expected: `the ports that compose files publish to be free on ${name}`,
            found: `${taken.join(', ')}, on which something listens`,
            next,
          },
        ]),
    ...(clashes.length === 0
      ? []
      : [
          {
            expected: `the subnets of compose files to be free on ${name}`,
            found: `${clashes.join(', ')}, which a network there has`,
            next,
          },
        ]),
  ];
}

/** The name of the stack that a unit file belongs to. */
const stackOf = (path: string): string => path.replace(/^.*\/|-stack\.service$/g, '');

/** Commands whose first program is missing. */
const commandTroubles = ({ commands }: OwnHost, { programs }: OwnHostFacts): readonly Trouble[] =>
  commands === 'profile'
    ? []
    : Object.entries(commands).flatMap(([name, { run }]) => {
        const program = programIn(run);
        if (program === null || programs.includes(program)) return [];
        return [
          {
            expected: `the program of commands.${name} on the machine: ${program}`,
            found: 'none of that name',
            next: `Correct it, or give its path: ${name}: /run/current-system/sw/bin/${basename(program)} …`,
          },
        ];
      });

function servingTroubles({ probe, name }: OwnHost, { isPortTaken, linked }: OwnHostFacts): readonly Trouble[] {
  const registry = probe.image.slice(0, probe.image.indexOf('/'));
  const taken = {
    expected: `nothing at ${registry}, where stackfuzz is to serve the probe images`,
    found: 'something that listens there',
    next: `Write another port into probe.image. If it is left over from a run: stackfuzz restore --host ${name}`,
  };
  return [
    ...(isPortTaken ? [taken] : []),
    ...linked.map(place => ({
      expected: `a directory ${place}, into which stackfuzz writes that podman may speak to its registry`,
      found: 'a link, which it does not follow',
      next: 'Make it a directory, or serve the probe images from a registry of yours (docs/hosts.md).',
    })),
  ];
}

function tagTroubles({ probe }: OwnHost, versions: readonly string[], { tags }: OwnHostFacts): readonly Trouble[] {
  if (tags === null)
    return [
      {
        expected: `a registry with the probe image at ${probe.image}`,
        found: 'no answer',
        next: 'Have stackfuzz serve it while it is there:  probe: { image: "localhost:5055/probe", serve: true }  Or fill a registry of yours: docs/hosts.md says how.',
      },
    ];
  const missing = ['stable', 'broken', ...versions].filter(tag => !tags.includes(tag));
  if (missing.length === 0) return [];
  return [
    {
      expected: `the tags stable, broken and ${versions.join(', ')} of ${probe.image}`,
      found: `none of ${missing.join(', ')}`,
      next: 'docs/hosts.md says how the probe image gets there.',
    },
  ];
}
