import type { Look } from './look.ts';

/** What a reader of a failure wants to see of a look, with ids and times, by the name of the unit, file or container. */
export function details({ manager, units, files, containers, generation }: Look): ReadonlyMap<string, string> {
  const found = new Map<string, string>([
    ['user manager', manager],
    ['generation', `profile=${generation.profile} home=${generation.home}`],
  ]);
  for (const [name, { unit, activeSince }] of units) found.set(name, said({ ...unit, activeSince }));
  for (const [path, file] of Object.entries(files)) {
    const { definition, ...rest } = { definition: null, ...file };
    found.set(path, said({ ...rest, ...definition }));
  }
  for (const { service, id, name, startedAt, imageId, container } of containers) {
    const ids = { name, id: id.slice(0, 12), imageId: imageId.slice(0, 12), started: startedAt };
    found.set(`container ${service}`, said({ ...container, ...ids }));
  }
  return found;
}

const said = (fields: Readonly<Record<string, unknown>>): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
