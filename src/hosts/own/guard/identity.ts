import { mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { writeOver } from '../../../files.ts';
import { Problem } from '../../../problem.ts';
import type { Refusal } from './refusal.ts';

/** What identifies a host: digests of its machine-id and of its ssh host keys. */
export interface Identity {
  readonly machine: string;
  readonly keys: string;
}

/** The folder on this computer in which identities of hosts are kept: `$XDG_STATE_HOME/stackfuzz/hosts`. */
export const identityFolder = (env: NodeJS.ProcessEnv = process.env): string =>
  join(env.XDG_STATE_HOME || join(homedir(), '.local/state'), 'stackfuzz/hosts');

const fileOf = (folder: string, name: string): string => join(folder, `${name}.json`);

/**
 * The identity that a host of this name had the first time; null if it was never tested from this computer.
 * @throws Problem if the file cannot be read
 */
export function rememberedIdentity(folder: string, name: string): Identity | null {
  const file = fileOf(folder, name);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unreadable(file, (error as Error).message);
  }
  try {
    const { machine, keys } = JSON.parse(text) as Partial<Identity>;
    if (typeof machine === 'string' && typeof keys === 'string') return { machine, keys };
  } catch {
    // reported below
  }
  throw unreadable(file, 'something else');
}

const unreadable = (file: string, found: string): Problem =>
  new Problem({
    expected: 'which host this was the last time',
    found,
    where: file,
    next: `If you know that it is the right host: rm ${file}`,
  });

/** Stores the identity for the next run. */
export async function rememberIdentity(folder: string, name: string, identity: Identity): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await writeOver(fileOf(folder, name), `${JSON.stringify(identity, null, 2)}\n`);
}

/** Why a host is not the same as the first time; null if it is, or if this is the first time. */
export function changedIdentity(folder: string, name: string, before: Identity | null, now: Identity): Refusal | null {
  if (before === null) return null;
  const other = [
    ...(before.machine === now.machine ? [] : ['another machine-id']),
    ...(before.keys === now.keys ? [] : ['other ssh host keys']),
  ];
  if (other.length === 0) return null;
  return {
    kind: 'identity',
    expected: `the host that ${name} was the last time`,
    found: `one with ${other.join(' and ')}`,
    next: `Look where the name leads now. If it was installed anew: rm ${fileOf(folder, name)}`,
  };
}
