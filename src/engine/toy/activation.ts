import { type Colours, changed, having, jobs, type ToyWorld, withoutKey } from './world.ts';

/** Another declaration on top of the current one, activated. */
export function installed(world: ToyWorld, declaration: Colours): ToyWorld {
  const generations = [...world.generations.slice(0, world.pointer + 1), declaration];
  return activated(changed(world, { generations, pointer: world.pointer + 1 }));
}

/** Files and running jobs as declared; a job that was stopped stays stopped, one without a file is new and is started. */
export function activated(world: ToyWorld): ToyWorld {
  const declaration = world.generations[world.pointer] as Colours;
  let { files, running, mounts } = world;
  for (const job of jobs) {
    const colour = declaration[job];
    if (colour === undefined) {
      files = withoutKey(files, job);
      running = withoutKey(running, job);
      mounts = withoutKey(mounts, job);
      continue;
    }
    const isNew = files[job] === undefined;
    if (files[job] !== colour) files = having(files, job, colour);
    const isToRun = isNew || running[job] !== undefined;
    if (isToRun && running[job] !== colour) running = having(running, job, colour);
  }
  return changed(world, { files, running, mounts });
}
