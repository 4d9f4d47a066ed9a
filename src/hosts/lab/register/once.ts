import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { closedFolder } from './folders.ts';
import { ifFree, type LockOptions, locked } from './lock.ts';
import { isInUse } from './register.ts';

/** Something that is made once, by one run at a time, and is complete as soon as it exists. */
export interface Once extends LockOptions {
  readonly folder: string;
  /** Its name in the folder. */
  readonly name: string;
  /** Runs that would make something with the same key wait for one another. */
  readonly key: string;
}

const scratchPattern = /^\.making-([a-z0-9]+)-\w{6}$/;
const lockOf = (folder: string, key: string): string => join(folder, `.lock-${key}`);

/**
 * Returns the path of something that is made once: it is made in a folder beside it, which is then renamed. Every try has
 * another folder, so that a process which a killed run started never writes into the next one's. `held` is the lock, to be
 * passed to children: while one of them lives, nobody else begins.
 */
export async function madeOnce(
  once: Once,
  make: (scratch: string, held: number) => Promise<void>,
): Promise<{ readonly place: string; readonly isNew: boolean }> {
  const place = join(once.folder, once.name);
  if (existsSync(place)) return { place, isNew: false };
  await closedFolder(once.folder);
  return locked(lockOf(once.folder, once.key), once, async held => {
    if (existsSync(place)) return { place, isNew: false }; // another run was faster
    sweep(once.folder, once.key);
    const scratch = await mkdtemp(join(once.folder, `.making-${once.key}-`));
    try {
      await make(scratch, held);
      renameSync(scratch, place);
    } catch (error) {
      removeTree(scratch);
      throw error;
    }
    return { place, isNew: true };
  });
}

/** Removes what killed runs left half made in a folder, unless somebody makes the same just now. */
export async function sweepHalfMade(folder: string): Promise<void> {
  for (const key of new Set(halfMade(folder).map(({ key }) => key)))
    await ifFree(lockOf(folder, key), 'removes what a killed run left half made', async () => sweep(folder, key));
}

/** To be called with the lock of its key. */
function sweep(folder: string, key: string): void {
  for (const half of halfMade(folder)) if (half.key === key && !isInUse(half.place)) removeTree(half.place);
}

const halfMade = (folder: string): readonly { readonly key: string; readonly place: string }[] =>
  existsSync(folder)
    ? readdirSync(folder).flatMap(name => {
        const key = scratchPattern.exec(name)?.[1];
        return key === undefined ? [] : [{ key, place: join(folder, name) }];
      })
    : [];

/** Removes a folder of ours, also while a killed process is about to end in it. */
export const removeTree = (folder: string): void =>
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
