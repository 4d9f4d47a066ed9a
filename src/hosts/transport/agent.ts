import { createConnection } from 'node:net';
import type { Duplex, Readable, Writable } from 'node:stream';
import { Sick } from '../../../models/host.ts';
import type { Ran } from './channel.ts';

/** One agent inside a machine (lab/agent.pl): runs one script at a time; more of them queue. */
export interface Agent {
  run(script: string, timeoutMs: number): Promise<Ran>;
  /** Whether it can no longer answer: its stream ended, its answer made no sense, or it was closed. */
  isDead(): boolean;
  close(): Promise<void>;
}

/** The first complete answer in what was received, and its length; null if it is not complete yet. */
export function answerIn(received: Buffer): { ran: Ran; length: number } | null {
  const end = received.indexOf(10);
  if (end < 0) return null;
  const head = received.toString('latin1', 0, end);
  if (!/^\d+ [01] [01] \d+ \d+$/.test(head)) throw new Sick(`the agent answered nonsense: ${head.slice(0, 200)}`);
  const [status = 0, timedOut, truncated, out = 0, err = 0] = head.split(' ').map(Number);
  const start = end + 1;
  if (received.length < start + out + err) return null;
  const stdout = received.toString('utf8', start, start + out);
  const stderr = received.toString('utf8', start + out, start + out + err);
  const ran = { status, stdout, stderr, timedOut: timedOut === 1, truncated: truncated === 1 };
  return { ran, length: start + out + err };
}

/** In milliseconds: so long after a command's own timeout the agent may take to kill it and to answer. */
const patienceMs = 15_000;

/** The two streams to an agent; with a socket both are the same. */
export interface Ends {
  readonly from: Readable;
  readonly to: Writable;
}

/** Connects to the agent behind a socket; resolves when the agent has said that it is ready. */
export function connect(path: string, who: string): Promise<Agent> {
  const socket: Duplex = createConnection({ path });
  return agentOver({ from: socket, to: socket }, who);
}

/**
 * An agent at the other end of two streams; resolves when it has said that it is ready.
 * @param noisy whether a shell may print something before that, as shells do that read a start-up file
 */
export async function agentOver({ from, to }: Ends, who: string, noisy = false): Promise<Agent> {
  let chunks: Buffer[] = [];
  let waiting: { resolve(ran: Ran): void; reject(error: Error): void } | null = null;
  let dead: Error | null = null;
  let queue: Promise<unknown> = Promise.resolve();

  const die = (why: string): void => {
    dead ??= new Sick(`the channel to ${who} is dead: ${why}`);
    from.destroy();
    to.destroy();
    waiting?.reject(dead);
    waiting = null;
  };
  to.on('error', error => die(error.message));
  await greeted(from, who, noisy);
  from.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    try {
      const all = chunks.length === 1 ? chunk : Buffer.concat(chunks);
      chunks = [all];
      const answer = answerIn(all);
      if (answer === null) return;
      chunks = [all.subarray(answer.length)];
      waiting?.resolve(answer.ran);
      waiting = null;
    } catch (error) {
      die((error as Error).message);
    }
  });
  from.on('error', error => die(error.message));
  from.on('close', () => die('the agent has ended'));

  const ask = (script: string, timeoutMs: number): Promise<Ran> => {
    if (dead !== null) return Promise.reject(dead);
    return new Promise<Ran>((resolve, reject) => {
      const timer = setTimeout(() => die(`no answer ${patienceMs / 1000} s past the timeout`), timeoutMs + patienceMs);
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          then(value);
        };
      waiting = { resolve: settle(resolve), reject: settle(reject) };
      const body = Buffer.from(script);
      to.write(Buffer.concat([Buffer.from(`${timeoutMs} ${body.length}\n`), body]));
    });
  };
  return {
    run(script, timeoutMs) {
      const ran = queue.then(() => ask(script, timeoutMs));
      queue = ran.catch(() => {});
      return ran;
    },
    isDead: () => dead !== null,
    async close() {
      die('it was closed');
    },
  };
}

/** Longest text before the agent's first word that is skipped. */
const mostNoise = 65_536;

function greeted(from: Readable, who: string, noisy: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const listen = (chunk: Buffer): void => {
      said += chunk.toString();
      const isReady = noisy ? /(?:^|\n)ready\n$/.test(said) : said === 'ready\n';
      if (!isReady && noisy && said.length < mostNoise) return;
      from.off('error', fail).off('close', fail).off('data', listen);
      if (isReady) resolve();
      else reject(new Sick(`the agent of ${who} greeted with nonsense: ${said.slice(0, 200)}`));
    };
    const fail = (): void => reject(new Sick(`the agent of ${who} does not answer`));
    from.once('error', fail).once('close', fail).on('data', listen);
  });
}
