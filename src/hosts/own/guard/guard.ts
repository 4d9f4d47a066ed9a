import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { Lost, Sick } from '../../../../models/host.ts';
import { redacted } from '../../../redact.ts';
import type { Channel, CommandOptions, Ran } from '../../transport/channel.ts';
import { quoted } from '../../transport/quote.ts';
import { all, answerOf, one } from './answer.ts';
import { changedIdentity, type Identity, identityFolder, rememberedIdentity, rememberIdentity } from './identity.ts';
import { type Holder, hostRefusal, isStale, lockRefusal, type Refusal, Refused } from './refusal.ts';
import {
  baseOf,
  type GuardedHost,
  guardText,
  type KnownOperator,
  placedGuard,
  type Side,
  sent,
  settingsOf,
} from './settings.ts';

/** What was found out about a host without changing it. */
export interface Inspection {
  /** Every reason not to begin; empty if there is none. */
  readonly refusals: readonly Refusal[];
  readonly operator: KnownOperator;
  readonly identity: Identity;
  /** The host's own name for itself. */
  readonly hostname: string;
  readonly holder: Holder | null;
}

/** How a run begins; each value has a default. */
export interface GuardOptions {
  /** The folder in which the identities of hosts are kept. */
  readonly identities?: string;
  /** The text of the guard, for tests. */
  readonly text?: string;
}

/** A host that is recorded, locked and watched. From now on it may be changed, through this channel only. */
export interface Guard {
  readonly run: string;
  /**
   * The channel to the host. Each call is written down on the host before it is done, unless it only reads. If the host refuses
   * a call (the marker is gone, the lock is lost, the host was restored meanwhile), the call does nothing and throws Closed; so
   * does every later one.
   */
  readonly channel: Channel;
  /** Brings the recorded state back, and checks it. */
  restore(): Promise<Restored>;
}

/** The result of a restore. */
export interface Restored {
  /** The run that was restored; null if there was nothing to restore. */
  readonly run: string | null;
  readonly did: readonly string[];
  /** Generations that are new since the run began and stay, because they are current or nothing shows whose they are; in words. */
  readonly stays: readonly string[];
  /** What could not be restored, with what to type; empty if the check showed the recorded state. */
  readonly left: readonly { readonly what: string; readonly next: string }[];
}

/** Thrown if the host no longer permits changes: the change was not done. */
export class Closed extends Lost {
  override readonly name = 'Closed';
}

/** Exit status of a change that the host refused before it began. */
const refusedStatus = 197;

const quickMs = 60_000;
const recordMs = 300_000;
/** More than the sum of all waiting times of a restore. */
const restoreMs = 1_800_000;

const sidesOf = (host: GuardedHost): readonly Side[] => (host.root ? ['root', 'operator'] : ['operator']);

/** Checks whether a host may be tested, and changes nothing. @throws Sick if it does not answer */
export async function inspect(channel: Channel, host: GuardedHost, options: GuardOptions = {}): Promise<Inspection> {
  const guard = options.text ?? guardText();
  const folder = options.identities ?? identityFolder();
  const nobody = { id: 'none', from: '' };
  const asked = await channel.run(sent(settingsOf(host, 'operator', nobody, null), guard, ['check']), {
    timeoutMs: quickMs,
    reads: true,
  });
  const answer = answerOf(asked, `looking at ${host.name}`);
  const uid = one(answer, 'uid');
  const home = one(answer, 'home');
  if (uid === null || !home?.startsWith('/')) throw new Sick(`${host.name} does not say who its operator is`);
  const operator = { uid: Number(uid), home };
  const identity = { machine: one(answer, 'machine') ?? '', keys: one(answer, 'keys') ?? '' };
  const refusals: Refusal[] = answer
    .filter(([word]) => word === 'refused')
    .map(([, kind = '', found = '']) => hostRefusal(host.name, kind, found));
  const changed = changedIdentity(folder, host.name, rememberedIdentity(folder, host.name), identity);
  if (changed !== null) refusals.push(changed);
  let holder = holderIn(answer);
  if (host.root) {
    const seen = await rootInspected(channel, host, operator, guard);
    refusals.push(...seen.refusals.filter(({ found }) => !refusals.some(each => each.found === found)));
    holder ??= seen.holder;
  }
  if (holder !== null) refusals.push(lockRefusal(host.name, holder));
  return { refusals, operator, identity, hostname: one(answer, 'hostname') ?? '', holder };
}

async function rootInspected(
  channel: Channel,
  host: GuardedHost,
  operator: KnownOperator,
  guard: string,
): Promise<Pick<Inspection, 'refusals' | 'holder'>> {
  const script = sent(settingsOf(host, 'root', { id: 'none', from: '' }, operator), guard, ['check']);
  const ran = await channel.run(script, { as: 'root', timeoutMs: quickMs, reads: true });
  if (!ran.stdout.includes('\nend\n')) {
    const found = `${ran.stderr}${ran.stdout}`.trim().split('\n').at(-1) ?? `status ${ran.status}`;
    const next = `Let ${host.operator} run sudo -n there, or write  root: none  in the hosts file.`;
    return {
      refusals: [{ kind: 'root', expected: 'to become root there, as the hosts file says', found, next }],
      holder: null,
    };
  }
  const answer = answerOf(ran, `looking at ${host.name} as root`);
  const refusals = answer
    .filter(([word]) => word === 'refused')
    .map(([, kind = '', found = '']) => hostRefusal(host.name, kind, found));
  return { refusals, holder: holderIn(answer) };
}

function holderIn(answer: ReturnType<typeof answerOf>): Holder | null {
  const run = one(answer, 'lock-run');
  if (run === null) return null;
  const lease = one(answer, 'lock-lease');
  return {
    run,
    host: one(answer, 'lock-host') ?? '',
    from: one(answer, 'lock-from') ?? 'an unknown place',
    since: one(answer, 'lock-since') ?? 'an unknown time',
    state: one(answer, 'lock-state') ?? 'gone',
    remaining: lease === null || !/^-?\d+$/.test(lease) ? null : Number(lease),
  };
}

/** `20261126T0412-3f9a`: sorts by time, and is unique. */
const newRun = (): string =>
  `${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '')}-${randomBytes(4).toString('hex')}`;

/**
 * Locks a host, records its state, and starts the watch over it: from now on it may be changed.
 * @throws Refused if there is a reason not to begin; nothing was done then
 * @throws Sick if it does not answer, or cannot be recorded; nothing was changed then
 */
export async function begin(channel: Channel, host: GuardedHost, options: GuardOptions = {}): Promise<Guard> {
  const { refusals, operator, identity } = await inspect(channel, host, options);
  if (refusals.length > 0) throw new Refused(host.name, refusals);
  const guard = options.text ?? guardText();
  const run = { id: newRun(), from: `${userInfo().username}@${hostname()}, process ${process.pid}` };
  const begun: Side[] = [];
  // Root's side first: its timer watches over both.
  for (const side of sidesOf(host)) {
    const script = sent(settingsOf(host, side, run, operator), guard, ['begin']);
    try {
      const ran = await channel.run(script, { as: side, timeoutMs: recordMs, reads: true });
      const answer = answerOf(ran, `recording ${host.name}`);
      const holder = holderIn(answer);
      if (all(answer, 'refused').length > 0)
        throw new Refused(host.name, [
          holder === null ? hostRefusal(host.name, 'lock', 'a lock of another run') : lockRefusal(host.name, holder),
        ]);
      begun.push(side);
    } catch (error) {
      for (const each of begun)
        await channel.run(`bash ${placedGuard(each, run.id)} abandon`, { as: each, reads: true }).catch(() => {});
      throw error;
    }
  }
  await rememberIdentity(options.identities ?? identityFolder(), host.name, identity);
  // Renews the lease also while stackfuzz itself computes for a long time.
  const beat = setInterval(
    () => void channel.run(renewing('operator', run.id, host.unattended), { reads: true }).catch(() => {}),
    host.unattended * 250,
  );
  beat.unref();
  return {
    run: run.id,
    channel: guarded(channel, host, run.id),
    restore: () => {
      clearInterval(beat);
      return restoreRun(channel, host, run.id);
    },
  };
}

/** A channel whose every change is first written down on the host. */
function guarded(channel: Channel, host: GuardedHost, run: string): Channel {
  let count = 0;
  let closed: string | null = null;
  return {
    async run(script: string, options: CommandOptions = {}): Promise<Ran> {
      const side = options.as ?? 'operator';
      // If there is a root side, root writes down what root does.
      if (options.reads) return channel.run(`${renewing(side, run, host.unattended)}\n${script}`, options);
      if (closed !== null) throw new Closed(closed);
      const ran = await channel.run(journalled(script, options, side, run, ++count), options);
      const [, , found = ''] = ran.stdout.split('\n')[0]?.split('\t') ?? [];
      if (ran.status !== refusedStatus) return ran;
      closed = `${host.name} lets nothing be changed any more: ${found || ran.stderr.trim() || 'its guard is gone'}. This was not done: ${titleOf(script, options)}`;
      throw new Closed(closed);
    },
    close: () => channel.close(),
  };
}

/** Bash: renews the lease on the host. A host without a folder of this run is left alone. */
const renewing = (side: Side, run: string, seconds: number): string =>
  `{ read -r boot < /proc/sys/kernel/random/boot_id; read -r up _ < /proc/uptime; [ ! -f ${baseOf(side)}/runs/${run}/lease ] || [ -L ${baseOf(side)}/runs/${run}/lease ] || printf '%s %s %s\\n' "$boot" "\${up%.*}" ${seconds} > ${baseOf(side)}/runs/${run}/lease; } 2> /dev/null`;

const titleOf = (script: string, { title }: CommandOptions): string =>
  title ?? (script.trim().split('\n')[0] as string).slice(0, 200);

/** Bash: a script that runs only after it was written down and allowed; its end is written down too. */
function journalled(script: string, options: CommandOptions, side: Side, run: string, count: number): string {
  const guard = `bash ${placedGuard(side, run)}`;
  const change = { n: count, what: 'change', as: side, say: redacted(titleOf(script, options)) };
  const seconds = Math.ceil((options.timeoutMs ?? quickMs) / 1000);
  return `${guard} before ${quoted(JSON.stringify(change).slice(1, -1))} ${seconds} || exit ${refusedStatus}
(
${script}
)
status=$?
${guard} after ${quoted(`"n":${count},"what":"done","status":`)}$status
exit $status`;
}

/**
 * Restores what a run recorded, whoever began it, and checks the result.
 * @param options breakLock: also if stackfuzz was heard from a moment ago
 * @throws Refused if that run may still be going on
 * @throws Sick if the host does not answer
 */
export async function restore(
  channel: Channel,
  host: GuardedHost,
  options: GuardOptions & { readonly breakLock?: boolean } = {},
): Promise<Restored> {
  const { holder, refusals } = await inspect(channel, host, options);
  if (holder === null) return { run: null, did: [], stays: [], left: [] };
  const other = refusals.find(({ kind }) => kind === 'identity');
  if (other !== undefined) throw new Refused(host.name, [other]);
  if (!isStale(holder) && !options.breakLock) throw new Refused(host.name, [lockRefusal(host.name, holder)]);
  return restoreRun(channel, host, holder.run);
}

async function restoreRun(channel: Channel, host: GuardedHost, run: string): Promise<Restored> {
  const from = quoted(`${userInfo().username}@${hostname()}`);
  // Root's restore calls the operator's restore in its middle: first the machine, then the operator's part.
  const script = (side: Side): string =>
    `[ -f ${placedGuard(side, run)} ] || { printf 'none\\nend\\n'; exit 0; }\nexec bash ${placedGuard(side, run)} restore ${from}`;
  const lines = [];
  for (const side of sidesOf(host)) {
    const ran = await channel.run(script(side), { as: side, timeoutMs: restoreMs, reads: true });
    const answer = answerOf(ran, `restoring ${host.name}`);
    lines.push(...answer);
    if (one(answer, 'none') === null) break;
  }
  const busy = lines.find(([word]) => word === 'busy');
  if (busy !== undefined) throw new Sick(`${host.name}: ${busy[1]}; type the same again in a minute`);
  return {
    run,
    did: [...new Set(all(lines, 'did'))].filter(text => !text.startsWith('nothing: ')),
    stays: all(lines, 'stays'),
    left: lines.filter(([word]) => word === 'left').map(([, what = '', next = '']) => ({ what, next })),
  };
}
