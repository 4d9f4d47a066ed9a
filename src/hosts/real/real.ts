import { type Claim, type Host, Sick, Unable, Unstarted } from '../../../models/host.ts';
import { withOutcomes } from '../../../models/machine/outcome.ts';
import { redacted, secretValues } from '../../redact.ts';
import { asker, type Deployment, type FreshMachine, type MachineSource, narrowedBy } from '../deployment.ts';
import { machineFor } from '../scope.ts';
import { ailmentScript, ailmentsIn, killedBy } from './ailment.ts';
import { bounded, boundedLog, evidenceScript, said } from './evidence.ts';
import { failureIn, failureScript } from './failure.ts';
import { fingerprintIn, fingerprintScript } from './fingerprint.ts';
import type { MachineEnd } from './levers/fault.ts';
import { type Lever, quick, unprepared, unwritableStatus } from './levers/lever.ts';
import { leversOver, type Pulled } from './levers/levers.ts';
import { type Look, understood } from './observe/look.ts';
import { isHomeless, lentRuntime, lookScript, type Patience } from './observe/look-script.ts';
import { type LookMemory, observed } from './observe/observe.ts';
import { nothingOwn, type OwnServices, withDeclared } from './observe/own-services.ts';
import { startsToldOf, untold } from './observe/starts.ts';
import { unfit } from './prepare.ts';
import { envFilesScript, secretsOf } from './secrets.ts';
import { faultOf, restOf } from './settle.ts';

/** A real host: a deployment, and the source of its machines. */
export interface RealOptions extends Deployment {
  readonly machines: MachineSource;
  /** Seconds that a machine gets to come to rest; 30 by default. */
  readonly settleSeconds?: number;
  /** Called with what the time was spent on, and for how many milliseconds. */
  readonly onSpent?: (what: TimeSpent, milliseconds: number, title: string) => void;
}

/** A machine for a reset, the wait for rest, a look, a lever, or the journal of a lever that failed. */
export type TimeSpent = 'machine' | 'rest' | 'look' | 'lever' | 'journal';

/** How many fresh machines are tried until one runs everything. */
const fitTries = 3;

/** Exit status of a process that SIGKILL ended: 128 + 9. */
const sigkilled = 137;

/** Longest message of a claim. */
const messageBound = 4_000;

/** A host that uses levers on a real machine; each reset takes a fresh one. */
export function realHost(options: RealOptions): Host {
  const { machines, profile, operator } = options;
  const declared = secretsOf(options);
  /** These, and the values in env files on the machine. */
  let secrets = declared;
  /** Everything that leaves the machine goes through here, before it is cut. */
  const clean = (text: string): string => redacted(text, secrets);
  const log = boundedLog(clean);
  const bound = options.settleSeconds ?? 30;
  let machine: FreshMachine | null = null;
  let memory: LookMemory | null = null;
  let since = 0;
  /** Faults of the machine or of the connection since the reset that threw no error: they are checked before anything counts. */
  let troubles: string[] = [];
  /** Number of processes that the kernel had killed for lack of memory at the reset. */
  let killed = 0;
  /** What settle() saw, for the next observe(); any lever makes it out of date. */
  let fresh: Look | null = null;
  /** What the last look waited for without a change: the next look does not wait for it. */
  let halted: readonly string[] = [];
  /** What the last look knows of running containers: if podman lists a container unchanged, it is not asked for again. */
  let known: Look['known'] = new Map();
  /** What this machine was given of own compose files. */
  let own: OwnServices = nothingOwn;
  const stacks = Object.keys(profile.declaration.stacks);
  const link = new RegExp(profile.state.link);

  /** A lever with a `kind` changes the machine; all others only look. */
  async function run(lever: Omit<Lever, 'kind'> & Partial<Pick<Lever, 'kind'>>, logged: boolean) {
    if (machine === null) throw new Sick(`${machines.name}: there is no machine before the first reset`);
    const start = performance.now();
    const { as, timeoutMs, title } = lever;
    const ran = await machine.channel.run(lever.script, { as, timeoutMs, title, reads: lever.kind === undefined });
    if (logged || ran.timedOut) log.note(lever, ran, Math.round(performance.now() - start));
    if (ran.timedOut)
      throw new Sick(
        `${lever.title}: no end within ${lever.timeoutMs / 1000} s; it said:\n${bounded(clean(said(ran)), messageBound)}`,
      );
    return ran;
  }

  async function pull(lever: Lever): Promise<Pulled> {
    fresh = null;
    await machine?.touched?.(lever.title);
    const start = performance.now();
    const ran = await run(lever, true);
    options.onSpent?.('lever', performance.now() - start, lever.title);
    const { message: words, outcomes } = withOutcomes({ ok: ran.status === 0, status: ran.status, message: said(ran) });
    const message = bounded(clean(words), messageBound);
    if (ran.status === unprepared) throw new Sick(`${lever.title}: it could not be prepared: ${message}`);
    if (ran.status === sigkilled && lever.kills !== true)
      troubles.push(`${lever.title} was killed by SIGKILL, and no step did that`);
    if (ran.truncated) troubles.push(`${lever.title} said more than a channel carries`);
    if (lever.kind === 'hand' && ran.status !== 0) {
      if (ran.status === unwritableStatus) throw new Unable(`${lever.title}: ${message}`);
      throw new Sick(`${lever.title} ended with ${ran.status}: ${message}`);
    }
    const claim = { ok: ran.status === 0, status: ran.status, message, ...(outcomes && { outcomes }) };
    if (claim.ok || lever.kind === 'hand') return { claim, stdout: ran.stdout };
    return { claim: { ...claim, ...(await explained(performance.now() - start)) }, stdout: ran.stdout };
  }

  /** What the machine's journal says about a command that failed in the last milliseconds. */
  async function explained(milliseconds: number): Promise<Pick<Claim, 'log' | 'cause'>> {
    const start = performance.now();
    const script = failureScript(options, milliseconds);
    const ran = await run({ title: 'journal', as: asker(options), script, timeoutMs: quick }, false);
    options.onSpent?.('journal', performance.now() - start, 'journal');
    return failureIn(ran.stdout, options, clean);
  }

  /** The values in the env files of a fresh machine. */
  async function envFileValues(): Promise<readonly string[]> {
    const script = envFilesScript(operator);
    return secretValues(
      (await run({ title: 'env files', as: asker(options), script, timeoutMs: quick }, false)).stdout,
    );
  }

  const askIfWell = async (logged: boolean): Promise<string> =>
    (
      await run(
        { title: 'is the machine well', as: asker(options), script: ailmentScript(options), timeoutMs: quick },
        logged,
      )
    ).stdout;

  /** The machine was ended in this way, and booted: what is known of it stays valid, except what was running. */
  async function end(how: MachineEnd): Promise<Claim> {
    fresh = null;
    const again = how === 'reboot' ? machine?.restart : machine?.cutPower;
    if (machine === null || again === undefined) throw new Unable(`${machines.name}: nobody here can do a ${how}`);
    await machine.touched?.(how);
    const start = performance.now();
    await again();
    options.onSpent?.('lever', performance.now() - start, how);
    log.say(`### ${how}: ${Math.round(performance.now() - start)} ms`);
    return { ok: true, status: 0, message: '' };
  }

  async function look(patience: Patience): Promise<Look> {
    const starts = memory === null ? untold : startsToldOf(memory.starts, memory.firstLook);
    const script = lookScript(options, stacks, patience, known, halted, own, starts, memory?.clocks);
    const timeoutMs = patience.seconds * 1000 + quick;
    const start = performance.now();
    let ran = await run({ title: 'look', as: 'operator', script, timeoutMs }, false);
    // The temporary directory may be removed together with the old one.
    for (let lent = 0; isHomeless(ran.stdout) && lent < 3; lent++) {
      ran = await run({ title: 'look', as: asker(options), script: lentRuntime(options, script), timeoutMs }, false);
    }
    if (ran.truncated) throw new Sick('what the machine shows is more than a channel carries');
    const seen = narrowedBy(options, understood(ran.stdout, operator, own, known));
    halted = seen.rested ? seen.halted : [];
    known = seen.known;
    options.onSpent?.('rest', seen.waited, 'rest');
    options.onSpent?.('look', performance.now() - start - seen.waited, 'look');
    return seen;
  }

  async function release(): Promise<void> {
    const old = machine;
    machine = null;
    await old?.close();
  }

  /** A program that may do anything, also what podman's lists do not show: `podman update` on a running container. */
  async function asked(claim: Promise<Claim>): Promise<Claim> {
    known = new Map();
    return claim;
  }

  const levers = leversOver(options, pull, end);
  return {
    name: machines.name,
    async reset() {
      const faults: string[] = [];
      let idle: Sick | null = null;
      // Rootless podman sometimes fails to start two stacks at once when a machine boots; no step of a run causes that.
      while (faults.length < fitTries) {
        await release();
        memory = null;
        fresh = null;
        troubles = [];
        halted = [];
        known = new Map();
        own = withDeclared(nothingOwn, profile.declaration);
        log.clear();
        const start = performance.now();
        machine = machineFor(options, await machines.take());
        options.onSpent?.('machine', performance.now() - start, 'machine');
        const first = await look({ seconds: bound, mustBeUp: true });
        const answer = await askIfWell(false);
        killed = killedBy(answer);
        const [ailment = null] = ailmentsIn(answer, killed);
        const unready = faultOf(first, profile.declaration);
        idle = ailment === null && unready !== null ? unfit(first, unready) : null;
        const fault = unready ?? ailment;
        if (fault === null) {
          since = first.clock;
          secrets = [...declared, ...(await envFileValues())];
          for (const earlier of faults) log.say(`### gave a fresh machine back: ${earlier}`);
          log.saw(first);
          memory = observed(first, null).memory;
          fresh = first;
          return;
        }
        faults.push(fault);
        await machine.touched?.('a start that was not right');
      }
      // The last of them stays, so that it can be asked for evidence.
      if (idle instanceof Unstarted) throw idle;
      throw new Sick(`${fitTries} fresh machines, and none to start from:\n${faults.join('\n')}`);
    },
    async settle() {
      // Right after a reset the machine was just looked at, and nothing was done to it since.
      fresh ??= await look({ seconds: bound, mustBeUp: false });
      return restOf(fresh);
    },
    async observe() {
      const now = fresh ?? (await look({ seconds: 0, mustBeUp: false }));
      fresh = null;
      log.saw(now);
      const { seen, memory: next } = observed(now, memory, link);
      memory = next;
      return seen;
    },
    ...levers,
    rollback: interruptedFor => asked(levers.rollback(interruptedFor)),
    autoUpdate: how => asked(levers.autoUpdate(how)),
    shell: (line, as) => asked(levers.shell(line, as)),
    async rebuild(declaration, mode) {
      own = withDeclared(own, declaration);
      return asked(levers.rebuild(declaration, mode));
    },
    async ailment() {
      const found = [...troubles, ...ailmentsIn(await askIfWell(true), killed)];
      return found.length === 0 ? null : found.join('; ');
    },
    async evidence() {
      const script = evidenceScript(options, stacks, since);
      const ran = await run({ title: 'evidence', as: asker(options), script, timeoutMs: quick }, false);
      return clean(
        `# Commands since the reset, and what was seen to change\n\n${log.text()}\n\n# The machine\n${ran.stdout}`,
      );
    },
    async fingerprint() {
      return fingerprintIn(
        await run({ title: 'fingerprint', as: 'operator', script: fingerprintScript, timeoutMs: quick }, false),
      );
    },
    async close() {
      await release();
      await machines.close();
    },
  };
}
