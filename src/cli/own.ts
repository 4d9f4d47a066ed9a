import type { Host } from '../../models/host.ts';
import type { MachineLimits } from '../../models/limits.ts';
import type { Deployment, Site } from '../hosts/deployment.ts';
import { connectTo } from '../hosts/own/connection.ts';
import { factsOf, type Lacking, type OwnHostFacts } from '../hosts/own/facts.ts';
import { begin, inspect } from '../hosts/own/guard/guard.ts';
import { guardedHostOf } from '../hosts/own/guard/kept.ts';
import type { Refusal } from '../hosts/own/guard/refusal.ts';
import { limitsOf } from '../hosts/own/limits.ts';
import { ownMachine } from '../hosts/own/machines.ts';
import { type Names, namesOf } from '../hosts/own/names.ts';
import type { OwnHost } from '../hosts/own/own-host.ts';
import { type Trouble, troublesOf } from '../hosts/own/troubles.ts';
import { placeOf } from '../hosts/paths.ts';
import { Problem } from '../problem.ts';
import { render } from '../profiles/render.ts';
import { hasQuadlets, modelConfigOf } from '../profiles/setup.ts';
import { didYouMean } from '../profiles/suggestion.ts';
import { fromHealthyBaseline } from './baseline.ts';
import type { Context } from './context.ts';
import type { Target } from './options.ts';

/** What a machine of one's own says of itself, and what is in the way of using it. */
export interface HostLookedOver {
  readonly facts: OwnHostFacts & Lacking;
  readonly troubles: readonly Trouble[];
}

/** The machine that a target is on. */
function ownIn({ own }: Target): OwnHost {
  if (own === undefined) throw new Error('this target is on no machine of somebody’s own');
  return own;
}

/** The names of its stacks there. */
const namesIn = (target: Target): Names => namesOf(ownIn(target).prefix, target.profile.declaration);

/** Connects, asks, and lets go: nothing is changed. @throws Unreachable */
export async function lookedOver(target: Target): Promise<HostLookedOver> {
  const host = ownIn(target);
  const channel = await connectTo(host);
  try {
    const facts = await factsOf(channel, host, target.profile);
    const { refusals } = await inspect(channel, guardedHostOf(host, target.profile));
    const troubles = troublesOf(host, target.profile, target.provider, namesIn(target), facts);
    return { facts, troubles: [...troubles, ...refusals] };
  } finally {
    await channel.close();
  }
}

/** What can be done on the target's machine, `own`, and may be. @throws Problem, Unreachable */
export async function limitsOfOwn(
  target: Target,
  own: OwnHost,
  operations: ReadonlyMap<string, unknown>,
): Promise<MachineLimits> {
  mustNameOperations(own, [...operations.keys()]);
  const { facts } = await mustFit(target);
  return limitsOf(own, facts);
}

/** @throws Problem where the hosts file names an operation that there is not. */
export function mustNameOperations({ operations, where, name }: OwnHost, known: readonly string[]): void {
  const named = Object.entries(operations).flatMap(([key, all]) => (all ?? []).map(each => ({ key, each })));
  const unknown = named.find(({ each }) => !known.includes(each));
  if (unknown === undefined) return;
  throw new Problem({
    expected: `operations.${unknown.key} of ${name} to name operations`,
    found: `${unknown.each}${didYouMean(unknown.each, known)}`,
    where,
    next: 'See what there is: stackfuzz list operations',
  });
}

/** The same machine, which must be one that may be changed. @throws Problem that names the first trouble, and how many more. */
export async function mustFit(target: Target): Promise<HostLookedOver> {
  const { name, where } = ownIn(target);
  const seen = await lookedOver(target);
  const [first, ...more] = seen.troubles;
  if (first === undefined) return seen;
  const all = more.length === 0 ? '' : ` And ${more.length} more: stackfuzz doctor --host ${name}`;
  throw new Problem({ ...first, where: `${where}, host ${name}`, next: `${first.next}${all}` });
}

/** What the target means on its machine, by the machine's names. */
function ownDeploymentOf(target: Target, facts: OwnHostFacts): Deployment {
  const host = ownIn(target);
  const { profile, provider } = target;
  const { operator } = facts;
  const names = namesIn(target);
  const named = (pattern: string): string =>
    pattern.replaceAll('homelab', operator.name).replaceAll('1500', String(operator.uid));
  return {
    profile: {
      ...profile,
      declaration: names.thereDeclared(profile.declaration),
      evidence: { ...profile.evidence, system: profile.evidence.system.map(named) },
    },
    provider,
    ...(hasQuadlets(profile, provider) && { hasQuadlets: true }),
    operator,
    render: declaration => render(profile, declaration, provider, operator, host.probe.image),
    site: siteOn(host, facts),
  };
}

function siteOn(host: OwnHost, { operator }: OwnHostFacts): Site {
  const { commands, probe, root, declaration } = host;
  return {
    place: commands === 'profile' ? '/var/lib/stackfuzz' : placeOf('~/.local/share/stackfuzz', operator),
    hasRoot: root !== 'none',
    prefix: host.prefix,
    image: probe.image,
    registryUnit: probe.unit ?? null,
    tags: probe.tags === undefined ? null : placeOf(probe.tags, operator),
    declaration: declaration === null ? null : placeOf(declaration, operator),
    commands:
      commands === 'profile'
        ? {}
        : {
            install: { run: 'true', as: commands.rebuild.as },
            update: { run: 'podman auto-update --format json', as: 'operator' },
            dryRun: { run: 'podman auto-update --dry-run --format json', as: 'operator' },
            rollback: { run: 'echo "the hosts file names no command for this" >&2; exit 1', as: 'operator' },
            ...commands,
          },
  };
}

/** What a session on the target's machine would record and set up first, and what would keep it from it; nothing is changed. */
export async function previewOf(
  target: Target,
): Promise<{ readonly lines: readonly string[]; readonly refused: readonly Refusal[] }> {
  const host = ownIn(target);
  const guarded = guardedHostOf(host, target.profile);
  const { kept } = guarded;
  const channel = await connectTo(host);
  try {
    const { refusals, hostname } = await inspect(channel, guarded);
    return {
      refused: refusals,
      lines: [
        `Would do them to stacks whose names begin with ${host.prefix}, of ${host.operator} on ${host.name}, which calls itself ${hostname}.`,
        `Would record first, and bring back in the end, of ${host.operator}'s: ${kept.operator.join(', ')}`,
        ...(guarded.root ? [`Would record first, and bring back in the end, of root's: ${kept.root.join(', ')}`] : []),
        `Would record too: its units and containers, tags of ${kept.repositories.join(', ')}${guarded.root ? ', linger, mounts' : ''}`,
        ...(host.probe.serve
          ? [
              `Would make the probe images of programs that are there, serve them at ${host.probe.image} meanwhile, and take them away.`,
            ]
          : []),
        `Would make the machine restore itself if stackfuzz is silent for ${guarded.unattended} s.`,
      ],
    };
  } finally {
    await channel.close();
  }
}

/** The machine of the target, ready to be reset. @throws Problem, Unreachable */
export async function ownMachineOf(target: Target, context: Pick<Context, 'note'>): Promise<Host> {
  const { facts } = await mustFit(target);
  const limits = limitsOf(ownIn(target), facts);
  const host = ownMachine({
    host: ownIn(target),
    facts,
    deployment: ownDeploymentOf(target, facts),
    names: namesIn(target),
    tags: ['stable', 'broken', ...target.profile.versions],
    guard: channel => begin(channel, guardedHostOf(ownIn(target), target.profile)),
    rollsBack: limits.lacks('rollback') === null && limits.refuses('rollback', ['rollback']) === null,
    say: line => context.note(`${line.charAt(0).toUpperCase()}${line.slice(1)}.`),
  });
  return fromHealthyBaseline(host, modelConfigOf(target));
}
