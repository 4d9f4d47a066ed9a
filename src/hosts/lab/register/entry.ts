import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { codeOf, writeOverSync } from '../../../files.ts';
import { isName } from './names.ts';

const proc = z.object({ pid: z.int().min(1), started: z.string().regex(/^\d+$/) });

const form = z.object({
  name: z.string(),
  /** Distinguishes this machine from a later one of the same name; earlier versions wrote none. */
  id: z.string().default(''),
  suite: z.string().regex(/^[a-z0-9-]+$/),
  /** The run that booted it; null if it is kept until somebody takes it down. */
  owner: proc.nullable(),
  nspawn: proc.nullable(),
  /** PID 1 of the machine, seen from outside. */
  leader: proc.nullable(),
  /** Layers that must not change while it is up. */
  lowers: z.array(z.string().startsWith('/')),
});

/**
 * What is known of a machine outside of the run that booted it. The places of its cgroups, mounts and files follow from its
 * name alone, so nothing in this file can lead anywhere else.
 */
export type LabRecord = Readonly<z.infer<typeof form>>;

/** Something in the folder of machines that is not a machine as stackfuzz registers one. */
export interface Odd {
  readonly name: string;
  /** What is odd about it, and what to type, as the second half of a sentence. */
  readonly odd: string;
}

/** In bytes; larger than any entry. */
const bound = 65_536;

const fileIn = (directory: string): string => join(directory, 'machine.json');

/** Replaces an entry; a reader sees the old or the new one, never half of it. */
export function writeEntry(entry: LabRecord, directory: string): void {
  writeOverSync(fileIn(directory), JSON.stringify(entry));
}

/** What a machine's directory says; null if it is gone. Nothing there makes it throw or wait. */
export function readEntry(directory: string, name: string): LabRecord | Odd | null {
  const odd = (what: string): Odd => ({
    name,
    odd: isName(name)
      ? `${what}; where nobody uses it: stackfuzz lab down ${name}`
      : `${what}; nothing of stackfuzz is called so: look at ${JSON.stringify(directory)}, and remove it by hand`,
  });
  if (!isName(name)) return odd('no name of a machine');
  try {
    const found = form.safeParse(JSON.parse(textOf(fileIn(directory))));
    const issue = found.error?.issues[0];
    if (issue !== undefined)
      return odd(`machine.json is not as it should be (${issue.path.join('.')}: ${issue.message})`);
    const entry = form.parse(found.data);
    return entry.name === name ? entry : odd(`machine.json is that of ${JSON.stringify(entry.name)}`);
  } catch (error) {
    if (!existsSync(directory)) return null; // taken down meanwhile
    const why = error instanceof SyntaxError ? 'it is no JSON' : (codeOf(error) ?? (error as Error).message);
    return odd(`machine.json cannot be read (${why})`);
  }
}

/** The text of a regular file; opening a FIFO must not wait for a writer. */
function textOf(file: string): string {
  const handle = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile()) throw new Error('it is no regular file');
    if (stat.size > bound) throw new Error('it is too large');
    return readFileSync(handle, 'utf8');
  } finally {
    closeSync(handle);
  }
}
