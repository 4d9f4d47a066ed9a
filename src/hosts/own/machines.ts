import { setTimeout as sleep } from 'node:timers/promises';
import { type Host, Lost, Sick, Unstarted } from '../../../models/host.ts';
import { nothingDeclared } from '../../../models/machine/declaration.ts';
import { lasting } from '../../../models/observation.ts';
import type { Deployment, FreshMachine, MachineSource } from '../deployment.ts';
import type { Lever } from '../real/levers/lever.ts';
import { rebuilding } from '../real/levers/profile.ts';
import { firstStart, notRebuilt, prepare, secretsFor } from '../real/prepare.ts';
import { realHost } from '../real/real.ts';
import type { Channel } from '../transport/channel.ts';
import { connectTo, type OwnChannel, Unreachable } from './connection.ts';
import { earlierFault, earlierScript } from './earlier-generation.ts';
import type { OwnHostFacts } from './facts.ts';
import type { Guard } from './guard/guard.ts';
import { type Names, renaming } from './names.ts';
import { narrowed } from './narrowed.ts';
import type { OwnHost } from './own-host.ts';
import { type Before, beforeIn, beforeScript, externalAway, givingBack, secretsAway } from './put-back.ts';
import { registryBrought, registryTakenAway } from './registry/probe-registry.ts';

/** What a session on a machine of one's own needs. */
export interface OwnOptions {
  readonly host: OwnHost;
  readonly facts: OwnHostFacts;
  /** With the names that stacks have on the machine. */
  readonly deployment: Deployment;
  readonly names: Names;
  /** Tags of the probe image that the model uses. */
  readonly tags: readonly string[];
  /**
   * Called once, before anything is changed; throws if nothing may be changed. All later changes go through the channel that it
   * returns.
   */
  guard(channel: Channel): Promise<Guarding>;
  /** Whether the session does rollbacks. */
  readonly rollsBack: boolean;
  /** Called with a line when something takes long. */
  readonly say?: (line: string) => void;
}

/** What watches over a machine while it is changed. */
type Guarding = Pick<Guard, 'channel' | 'restore'>;

/** Longest time for a reboot, in milliseconds. */
const rebootMs = 300_000;

/** How often a machine is put back again if it does not show what it showed the first time. */
const tries = 2;

/**
 * A machine that stays: it is put back before each run, and a look checks that. Only the stacks under test are changed and
 * looked at.
 */
export function ownMachine(options: OwnOptions): Host {
  const { host, names } = options;
  let before: Before = { timers: [], dropIns: [], digests: {} };
  const deployment: Deployment = {
    ...options.deployment,
    narrowed: look => narrowed(look, names, before, options.deployment.operator),
  };
  const machines = ownMachines({ ...options, deployment }, known => {
    before = known;
  });
  const real = realHost({ ...deployment, machines });
  const doctorLine = `stackfuzz doctor --host ${host.name}`;
  let baseline: string | null = null;
  const shown = async (): Promise<string> => JSON.stringify(lasting(await real.observe()), null, 1);
  /** Number of resets in a row that failed. */
  let failedResets = 0;
  /** @throws Lost if two resets in a row fail: the third would fail too */
  const begun = async (): Promise<void> => {
    try {
      await real.reset();
      failedResets = 0;
    } catch (error) {
      if (!(error instanceof Sick) || error instanceof Unstarted || error instanceof Lost) throw error;
      if (++failedResets < tries) throw error;
      throw new Lost(`${error.message}\n  Put that right by hand, and begin again: ${doctorLine}`);
    }
  };
  const inner: Host = {
    ...real,
    async reset() {
      for (let nth = 1; ; nth++) {
        await begun();
        const now = await shown();
        baseline ??= now;
        if (now === baseline) return;
        if (nth === tries)
          throw new Lost(
            `${host.name} cannot be put back: it shows something else than at first, and is left as it is.\n${differing(baseline, now)}\n  Look at it, put it right by hand, and begin again: ${doctorLine}`,
          );
        await machines.again();
      }
    },
  };
  return renaming(inner, names);
}

/** What is said of generations that a session has left. */
export const staysWords = (name: string, stays: string): string =>
  `On ${name} these generations are new, and stay until you collect garbage (docs/hosts.md says why): ${stays}`;

/** The lines that are shown now and were not shown at first, and the other way round. */
function differing(first: string, now: string): string {
  const [before, after] = [first.split('\n'), now.split('\n')];
  const lines = [
    ...before.filter(line => !after.includes(line)).map(line => `  at first: ${line.trim()}`),
    ...after.filter(line => !before.includes(line)).map(line => `  now:      ${line.trim()}`),
  ];
  return lines.slice(0, 20).join('\n');
}

interface OwnSource extends MachineSource {
  /** The next machine is put back, whatever was done to it. */
  again(): Promise<void>;
}

function ownMachines(options: OwnOptions, onBefore: (before: Before) => void): OwnSource {
  const { host, deployment, names, facts } = options;
  const { declaration } = deployment.profile;
  const pulled = new Set<string>();
  const builds = options.tags.filter(tag => tag !== 'stable' && tag !== 'broken');
  /** The registry that stackfuzz serves, if it does. */
  const brought =
    host.probe.serve === true
      ? { levers: registryBrought(deployment, builds), away: registryTakenAway(deployment) }
      : { levers: [], away: [] };
  let channel: OwnChannel | null = null;
  let guard: Guarding | null = null;
  let before: Before | null = null;
  /** Whether anything was rebuilt, and whether all of it was. */
  let isBegun = false;
  let isPrepared = false;
  let isTouched = true;

  const perform = async (way: Channel, lever: Lever): Promise<void> => {
    const ran = await way.run(lever.script, { as: lever.as, timeoutMs: lever.timeoutMs, title: lever.title });
    if (ran.status === 0) return;
    throw new Lost(
      `${host.name} cannot be put back: ${lever.title} ended with ${ran.status}, and it is left as it is:\n${ran.stdout}${ran.stderr}\n  Put that right by hand, and begin again.`,
    );
  };
  async function connected(): Promise<OwnChannel> {
    channel ??= await connectTo(host);
    return channel;
  }
  const giveBack = async (way: Channel): Promise<void> => {
    for (const lever of givingBack({
      deployment,
      names,
      before: before ?? { timers: [], dropIns: [], digests: {} },
      pulled,
    }))
      await perform(way, lever);
  };
  async function begin(way: OwnChannel): Promise<Channel> {
    const now = (await way.run('cat /etc/machine-id', { reads: true })).stdout.trim();
    if (now !== facts.machineId)
      throw new Lost(
        `${host.name} is another machine than a moment ago: its machine-id was ${facts.machineId}, and is ${now}`,
      );
    guard = await options.guard(way);
    for (const lever of brought.levers) await perform(guard.channel, lever);
    before = beforeIn((await way.run(beforeScript(deployment, options.tags), { reads: true })).stdout);
    onBefore(before);
    return guard.channel;
  }
  /** The model assumes that a rollback from the first declaration leads to the declaration without stacks. */
  async function mustLeadBack(way: Channel): Promise<void> {
    const shown = await way.run(earlierScript(deployment), { reads: true });
    const why = earlierFault(shown.stdout, nothingDeclared(declaration));
    if (why === null) return;
    throw new Lost(
      `a rollback on ${host.name} does not lead back to what was rebuilt before: ${why}\n  See what commands.rebuild does with generations; or leave rollbacks out: operations: { refuse: [rollback] }`,
    );
  }
  /** Rebuilds the first declaration where nothing is, with what the commands keep for themselves. */
  async function rebuildFirst(way: Channel): Promise<void> {
    await giveBack(way);
    if (!isPrepared) {
      isBegun = true;
      options.say?.(`preparing ${host.name}: ${names.stacks.slice(0, -1).join(', ')}`);
      await prepare(way, deployment, nothingDeclared(declaration));
      isPrepared = true;
      if (options.rollsBack) await mustLeadBack(way);
      return;
    }
    await perform(way, secretsFor(deployment));
    await perform(way, rebuilding(deployment, nothingDeclared(declaration)));
    const lever = rebuilding(deployment, declaration);
    const start = performance.now();
    const ran = await way.run(lever.script, { as: lever.as, timeoutMs: lever.timeoutMs, title: lever.title });
    if (ran.status !== 0) throw await notRebuilt(way, deployment, ran, performance.now() - start);
    for (const lever of firstStart(deployment)) await perform(way, lever);
  }
  /** Removes everything of stackfuzz's, and restores what the machine was, as far as that is still needed. */
  async function leave({ channel: way, restore }: Guarding): Promise<void> {
    let trouble: unknown = null;
    try {
      await giveBack(way);
      if (isBegun) await perform(way, rebuilding(deployment, nothingDeclared(declaration)));
      await perform(way, secretsAway(deployment));
      for (const lever of externalAway(deployment)) await perform(way, lever);
      for (const lever of brought.away) await perform(way, lever);
    } catch (error) {
      if (error instanceof Unreachable) throw notUndone(error);
      trouble = error; // what was recorded is restored all the same
    }
    const { left, stays } = await restore().catch((error: unknown) => Promise.reject(notUndone(error)));
    for (const each of stays) options.say?.(staysWords(host.name, each));
    if (left.length > 0)
      throw new Sick(
        `${host.name} is not wholly as it was before:\n${left.map(({ what, next }) => `  ${what}\n    ${next}`).join('\n')}\n  When that is done: stackfuzz restore --host ${host.name}`,
      );
    if (trouble instanceof Sick)
      throw new Sick(`${trouble.message}\n  What was recorded before was brought back all the same.`);
    if (trouble !== null) throw trouble;
  }
  const notUndone = (error: unknown): unknown =>
    error instanceof Sick
      ? new Sick(
          `${error.message}\n  What was done to ${host.name} is not undone. It does that itself once it has heard nothing of stackfuzz for ${host.budgets.unattended} s; or type, when it answers: stackfuzz restore --host ${host.name}`,
        )
      : error;
  async function restart(way: Channel): Promise<void> {
    const boot = 'cat /proc/sys/kernel/random/boot_id';
    const old = (await way.run(boot, { reads: true })).stdout;
    await way.run('systemctl reboot', { as: 'root', title: 'reboot' }).catch(() => {}); // it may be down before it answers
    for (const deadline = Date.now() + rebootMs; Date.now() < deadline; await sleep(1_000)) {
      const now = await way.run(boot, { reads: true }).catch(() => null);
      if (now === null || now.stdout === old || now.status !== 0) continue;
      await way.run('systemctl is-system-running --wait; systemctl --user is-system-running --wait', {
        timeoutMs: rebootMs,
        reads: true,
      });
      return;
    }
    throw new Sick(`${host.name} did not come back within ${rebootMs / 60_000} minutes of systemctl reboot`);
  }
  return {
    name: host.name,
    async again() {
      isTouched = true;
    },
    async take(): Promise<FreshMachine> {
      const open = await connected();
      const way = guard?.channel ?? (await begin(open));
      if (isTouched) await rebuildFirst(way);
      isTouched = false;
      pulled.clear();
      return {
        channel: way,
        async touched(lever) {
          isTouched = true;
          pulled.add(lever);
        },
        ...(open.hasRoot && { restart: () => restart(way) }),
        close: async () => {},
      };
    },
    async close() {
      const [open, guarding] = [channel, guard];
      channel = null;
      guard = null;
      if (open === null) return;
      try {
        if (guarding !== null) await leave(guarding);
      } finally {
        await open.close();
      }
    },
  };
}
