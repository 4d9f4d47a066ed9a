import type { Command } from 'commander';
import type { ModelConfig } from '../../models/world.ts';
import { type Catalog, loadCatalog } from '../catalog.ts';
import { mustKeepContract } from '../contract.ts';
import { withOwnModels } from '../own-models.ts';

/** Adds the flag that names folders with the user's own operations, promises and scenarios. */
export const addModels = (command: Command): Command =>
  command.option(
    '--models <dir>',
    'folder with operations, promises and scenarios of your own (docs/models.md); may be given again',
    (folder: string, all: readonly string[] = []) => [...all, folder],
  );

/** The flags that name these folders again. */
export const modelsFlags = (folders: readonly string[] = []): readonly string[] =>
  folders.flatMap(folder => ['--models', folder]);

/** The shipped models, and those in these folders, which were already checked. @throws Problem */
export const catalogOf = async (folders: readonly string[] = []): Promise<Catalog> =>
  withOwnModels(await loadCatalog(), folders);

/** The same, checked in the model before any machine is touched. @throws Problem that names the file at fault. */
export async function triedCatalog(folders: readonly string[] | undefined, setup: ModelConfig): Promise<Catalog> {
  const catalog = await catalogOf(folders);
  await mustKeepContract(catalog, setup);
  return catalog;
}
