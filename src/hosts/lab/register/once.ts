import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { closedFolder } from './folders.ts';
import { ifFree, type LockOptions, locked } from './lock.ts';
import { isInUse } from './register.ts';

/** What is made once, by one run at a time, and is whole from the moment that it is there. */
export interface Once extends LockOptions {
  readonly folder: string;
  /** Its name in the folder. */
  readonly name: string;
  /** Runs that would make something of the same key wait for one another. */
  readonly key: string;
}

const scratchPattern = /^\.making-([a-z0-9]+)-\w{6}$/;
const lockOf = (folder: string, key: string): string => join(folder, `.lock-${key}`);

/**
 * Hands back the place of what is made once: made in a folder of its own beside it, which then takes the name. Every try
 * has another folder, so that what a killed run has started can never write into the next one's; `held` is the lock, for
 * children to share: while one of them lives, nobody else begins.
 */
export async function madeOnce(
  once: Once,
  make: (scratch: string, held: number) => Promise<void>,
): Promise<{ readonly place: string; readonly isNew: boolean }> {
  const place = join(once.folder, once.name);
  if (existsSync(place)) return { place, isNew: false };
  await closedFolder(once.folder);
  return locked(lockOf(once.folder, once.key), once, async held => {
    if (existsSync(place)) return { place, isNew: false }; // another run was first
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

/** Remove what runs that were killed left half made in a folder, unless somebody makes the same just now. */
export async function sweepHalfMade(folder: string): Promise<void> {
  for (const key of new Set(halfMade(folder).map(({ key }) => key)))
    await ifFree(lockOf(folder, key), 'removes what a killed run left half made', async () => sweep(folder, key));
}

/** With the lock of its key in hand. */
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

/** Remove a folder of ours, also while a process that was killed is about to end in it. */
export const removeTree = (folder: string): void =>
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
