import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Coverage } from '../../../engine/session/coverage.ts';
import { added } from '../../../engine/session/coverage.ts';
import type { Session } from '../../../engine/session/session.ts';
import { makeFolder, readRegular, Unreadable, writeOver } from '../../../files.ts';
import { lockedFolder } from '../../../lock.ts';
import { Problem } from '../../../problem.ts';
import { fingerprint } from '../../fingerprint.ts';
import type { Target } from '../../options.ts';

const times = z.number().int().nonnegative();
const form = z.strictObject({
  format: z.literal(2),
  about: z.string(),
  /** Of the operations, the promises and the profile that it is about. */
  fingerprint: z.string(),
  operations: z.record(
    z.string(),
    z.strictObject({ succeeded: times, failed: times, justified: times, skipped: times }),
  ),
  goals: z.array(z.string()),
});

const earlier = z.looseObject({ format: z.literal(1), fingerprint: z.string() });

/** What was ever tried on machines of one kind with one profile and provider. */
export interface Tried {
  readonly operations: Coverage;
  /** Operations with what was done before them, and what was special about the world. */
  readonly goals: ReadonlySet<string>;
}

/** Where it is kept: beside the corpus, and each kind of machine, profile, provider, release and set of compose files apart. */
export function triedFile(
  corpus: string,
  name: string,
  { profile, provider, suite, stacks, homeManager }: Target,
): string {
  const named = [...(stacks ?? []), ...(homeManager ?? []).map(path => `home-manager ${path}`)];
  const mark = named.length === 0 ? '' : `-${digest(named)}`;
  return join(dirname(corpus), '.stackfuzz', `tried-${name}-${profile.name}-${provider}-${suite}${mark}.json`);
}

const digest = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 8);

/**
 * Reads what was tried. Nothing counts where the operations, the promises or the profile have changed since.
 * @throws Problem for a file that is none of ours.
 */
export async function readTried(file: string, subject: Target): Promise<Tried> {
  const text = await readRegular(file, { links: false }).catch((error: unknown) => {
    if (!(error instanceof Unreadable)) throw error;
    if (error.message === 'no such file') return null;
    throw wrong(file, error.message);
  });
  if (text === null) return nothing;
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    throw wrong(file, 'no JSON');
  }
  // What an earlier version has tried is counted anew.
  if (earlier.safeParse(found).success) return nothing;
  const read = form.safeParse(found);
  if (!read.success) throw wrong(file, z.prettifyError(read.error).split('\n')[0] ?? 'something else');
  if (read.data.fingerprint !== fingerprintOf(subject)) return nothing;
  return { operations: read.data.operations, goals: new Set(read.data.goals) };
}

/** Adds what a session tried to what the file says by now: others may have searched at the same time. */
export async function keepTried(file: string, subject: Target, session: Tried): Promise<Tried> {
  const folder = dirname(file);
  await makeFolder(folder);
  return lockedFolder(folder, async () => {
    const before = await readTried(file, subject);
    const all = triedTogether(before, session);
    const about = `what stackfuzz fuzz has tried so far with ${subject.profile.name}; without this file it starts again from nothing`;
    const kept = { format: 2, about, fingerprint: fingerprintOf(subject), operations: all.operations };
    await writeOver(file, `${JSON.stringify({ ...kept, goals: [...all.goals].sort() }, null, 1)}\n`);
    return all;
  });
}

/** Both. */
export const triedTogether = (one: Tried, other: Tried): Tried => ({
  operations: added(one.operations, other.operations),
  goals: new Set([...one.goals, ...other.goals]),
});

/** What a session has tried. */
export const triedIn = ({ coverage, goals }: Session<unknown, unknown>): Tried => ({
  operations: coverage,
  goals: new Set(goals),
});

const nothing: Tried = { operations: {}, goals: new Set() };

const fingerprintOf = ({ profile, stacks }: Target): string => {
  const own = fingerprint(['models', 'properties'], [profile.directory]);
  if (profile.closures !== undefined) return `${own}-${digest([profile.declaration, profile.closures])}`;
  return stacks === undefined ? own : `${own}-${digest(profile.declaration)}`;
};

const wrong = (file: string, found: string): Problem =>
  new Problem({
    expected: 'what earlier searches have tried, as stackfuzz keeps it',
    found,
    where: file,
    next: `Remove it to start counting again: rm ${file}`,
  });
