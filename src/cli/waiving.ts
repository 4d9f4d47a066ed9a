import type { Stored } from '../corpus/store.ts';
import { readWaivers, type Waiver } from '../triage/waivers.ts';

/**
 * The waivers of every folder that is read.
 * @throws Problem for one that says too little, or names what nobody has ever seen.
 */
export async function waiversIn(
  folders: readonly string[],
  stored: readonly Stored[],
  invariants: ReadonlyMap<string, unknown>,
): Promise<readonly Waiver[]> {
  const entries = stored.map(({ entry }) => entry);
  const all = await Promise.all(folders.map(folder => readWaivers(folder, { entries, invariants })));
  return all.flat();
}
