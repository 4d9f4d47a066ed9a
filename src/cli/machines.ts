import { type Host, Lost, Unstarted } from '../../models/host.ts';
import { scopeOf } from '../../models/machine/search-path.ts';
import type { Deployment } from '../hosts/deployment.ts';
import { labAvailable } from '../hosts/lab/root/available.ts';
import { amongOthers } from '../hosts/own/narrowed.ts';
import { labOperator, root } from '../hosts/paths.ts';
import { createSimulator, imitatedProfiles } from '../hosts/simulator/index.ts';
import { Problem } from '../problem.ts';
import { loadProfile } from '../profiles/profile.ts';
import { provided } from '../profiles/provided.ts';
import { render } from '../profiles/render.ts';
import { hasQuadlets, modelConfigOf } from '../profiles/setup.ts';
import type { Context } from './context.ts';
import { imitationNote, imitationOf } from './imitation.ts';
import type { Interrupt } from './interrupt.ts';
import type { Kind } from './kinds.ts';
import { labOnly, type Target, usualSuite } from './options.ts';

export { imitatedProfiles };

/** Machines that are ready to be used. */
export interface Opened {
  readonly kind: Kind;
  /** What reports and entries call them: lab, simulator, or the machine's name. */
  readonly name: string;
  readonly hosts: readonly Host[];
  /** What is under test on them, by name. */
  readonly versions: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** How a target is deployed on a machine. */
export const deploymentOf = ({ profile, provider }: Pick<Target, 'profile' | 'provider'>): Deployment => {
  const operator = scopeOf(profile.owner) === 'user' ? labOperator : root;
  return {
    profile: provided(profile, provider),
    provider,
    ...(hasQuadlets(profile, provider) && { hasQuadlets: true }),
    operator,
    render: declaration => render(profile, declaration, provider, operator),
    ...(operator === root && { narrowed: look => amongOthers(look, profile.evidence.system) }),
  };
};

/** Whether the simulator imitates this profile, on machines of this release. It runs no commands of a profile. */
export const isImitated = (subject: Target): boolean => beyondImitation(subject) === null;

/** What the simulator does not imitate; null where it imitates the target. */
export function beyondImitation({ profile, suite }: Target): { expected: string; found: string } | null {
  if (suite !== usualSuite) return { expected: `the release that the simulator imitates: ${usualSuite}`, found: suite };
  const name = imitationOf(profile);
  if (name !== null) return profile.imitates === null ? null : unlike(profile, loadProfile(name));
  return {
    expected: `a profile that the simulator imitates: ${imitatedProfiles.join(' or ')}, or one that says \`imitates\``,
    found: profile.imitates === null ? profile.directory : `one that says \`imitates: ${profile.imitates}\``,
  };
}

/** Keys by which the simulator knows how a machine behaves: one that differs there is not imitated. */
const mustBeLike = ['owner', 'updateUnit', 'activatesAtBoot'] as const;

function unlike(profile: Target['profile'], imitated: Target['profile']): { expected: string; found: string } | null {
  const key = mustBeLike.find(each => profile[each] !== imitated[each]);
  return key === undefined
    ? null
    : {
        expected: `${key}: ${imitated[key]}, as ${imitated.name} has it, which ${profile.name} says it imitates`,
        found: `${key}: ${profile[key]}`,
      };
}

/** A simulated machine of this subject. */
export function simulated(subject: Target): Host {
  const { profile, provider } = subject;
  const imitation = imitationOf(profile);
  if (imitation === null) throw new Error(`the simulator does not imitate ${profile.name}`);
  const host = createSimulator({ setup: modelConfigOf(subject), provider, profile: imitation });
  return {
    ...host,
    // It never waits for anything: without a pause now and then Ctrl-C would not be handled while it searches or shrinks.
    reset: async () => {
      await new Promise(setImmediate);
      await host.reset();
    },
  };
}

/**
 * Refuses what no machine of this kind can be had for; asked before a search spends time on anything else.
 * @throws Problem where the simulator does not imitate the target, or this computer cannot run lab machines
 */
export function mustBePossible(kind: Kind, subject: Target): void {
  if (kind !== 'lab' && subject.homeManager !== undefined) throw labOnly(kind === 'own' ? 'another machine' : kind);
  const beyond = kind === 'simulator' ? beyondImitation(subject) : null;
  if (beyond !== null) {
    const next = 'Use --host lab for it; stackfuzz doctor says what that takes.';
    throw new Problem({ ...beyond, where: '--host simulator', next });
  }
  if (kind !== 'lab') return;
  const { ok, missing, fix } = labAvailable();
  if (!ok) {
    throw new Problem({
      expected: 'a computer that can run lab machines',
      found: `one without ${missing.join(', ')}`,
      where: '--host lab',
      next: fix,
    });
  }
}

/** Opens machines; whoever calls closes them. A second Ctrl-C closes them under whatever runs. */
export async function open(
  kind: Kind,
  subject: Target,
  labs: number,
  interrupt: Interrupt,
  context: Context,
): Promise<Opened> {
  mustBePossible(kind, subject);
  for (const line of subject.profile.notes) context.note(line);
  const note = kind === 'simulator' ? imitationNote(subject.profile) : null;
  if (note !== null) context.warn(note);
  const openers: Readonly<Record<Kind, () => Unnamed | Promise<Unnamed>>> = {
    lab: () => openLab(subject, labs, interrupt, context),
    simulator: () => openSimulator(subject),
    own: () => openOwn(subject, interrupt, context),
  };
  const opened = await openers[kind]();
  interrupt.urgent.addEventListener('abort', () => void opened.close().catch(() => {})); // closed again, and heard, below
  try {
    const [first] = opened.hosts as [Host];
    return { ...opened, versions: await versionsOf(first) };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** The versions under test on a fresh machine; empty where the first rebuild fails, which the runs then report. */
async function versionsOf(host: Host): Promise<Readonly<Record<string, string>>> {
  try {
    await host.reset();
  } catch (error) {
    if (error instanceof Unstarted) return {};
    throw error;
  }
  return host.fingerprint();
}

type Unnamed = Omit<Opened, 'versions'>;

function openSimulator(subject: Target): Unnamed {
  const host = simulated(subject);
  return { kind: 'simulator', name: 'simulator', hosts: [host], close: () => host.close() };
}

async function openOwn(subject: Target, interrupt: Interrupt, context: Context): Promise<Unnamed> {
  const { ownMachineOf } = await import('./own.ts');
  const host = await ownMachineOf(subject, context);
  // It is the only one: if it is lost the command ends, as after Ctrl-C.
  const heard = telling(host, error => interrupt.end('the machine can be used no more', `Ending: ${error.message}`));
  return { kind: 'own', name: host.name, hosts: [heard], close: () => host.close() };
}

/** The same machine; whoever uses it when it is lost is told, and so is `onLost`. */
function telling(host: Host, onLost: (error: Lost) => void): Host {
  const parts = Object.entries(host).map(([name, part]: [string, unknown]) => {
    if (typeof part !== 'function') return [name, part];
    const pull = async (...given: readonly unknown[]): Promise<unknown> => {
      try {
        return await part(...given);
      } catch (error) {
        if (error instanceof Lost) onLost(error);
        throw error;
      }
    };
    return [name, pull];
  });
  return Object.fromEntries(parts) as Host;
}

async function openLab(subject: Target, labs: number, interrupt: Interrupt, context: Context): Promise<Unnamed> {
  // Only now: a search on simulated machines needs nothing of this.
  const [{ clean, oddities }, { labMachinesEvenSo }, { realHost }] = await Promise.all([
    import('../hosts/lab/index.ts'),
    import('../hosts/lab/lab-machines.ts'),
    import('../hosts/real/real.ts'),
  ]);
  const say = (line: string) => context.note(`Lab: ${line}.`);
  const { gone, trouble } = await clean(say);
  for (const name of gone) context.note(`Took down ${name}, which an earlier run had left behind.`);
  for (const what of [...trouble, ...oddities()]) context.warn(`Left alone: ${what}`);
  const deployment = deploymentOf(subject);
  const machines = await labMachinesEvenSo(deployment, {
    suite: subject.suite,
    // One more than can be in use, because runs of a few steps end before the next machine has booted.
    ahead: labs + 1,
    atOnce: labs,
    say,
    signal: interrupt.signal,
  });
  // The machines come from one pool, which is closed after all its users.
  const hosts = Array.from({ length: labs }, () =>
    realHost({ ...deployment, machines: { ...machines, close: async () => {} } }),
  );
  return {
    kind: 'lab',
    name: 'lab',
    hosts,
    close: async () => {
      await Promise.all(hosts.map(host => host.close()));
      await machines.close();
    },
  };
}
