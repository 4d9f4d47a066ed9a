import type { ComposeProject } from '../../models/machine/compose-project.ts';
import type { StackDeclaration } from '../../models/machine/declaration.ts';
import { withProject } from '../../models/machine/own-stack.ts';
import type { Provider } from '../../models/machine/traits.ts';
import type { Profile } from './types.ts';

/**
 * The profile as this provider takes it. podman-compose 1.3 passes over `configs` without a word, so they are left out, and said
 * (facts.md F170); bind mounts of files and secrets it mounts, as files beside the compose file. Asked again, it is the same.
 */
export function provided<P extends Pick<Profile, 'declaration' | 'notes' | 'ignored'>>(
  profile: P,
  provider: Provider,
): P {
  const stacks = Object.entries(profile.declaration.stacks);
  if (provider !== 'podman-compose' || stacks.every(([, { project }]) => project === undefined)) return profile;
  if (stacks.every(([, { project }]) => project === undefined || project.mountsConfigs)) return profile;
  const before = known.get(profile);
  if (before !== undefined) return before as P;
  const after = {
    ...profile,
    declaration: {
      ...profile.declaration,
      stacks: Object.fromEntries(stacks.map(([name, stack]) => [name, stackWithFiles(name, stack)])),
    },
    notes: [...profile.notes, ...profile.ignored],
  };
  known.set(profile, after);
  return after;
}

/** One profile gives the same one each time, so that everything derived from its declaration is computed once. */
const known = new WeakMap<object, object>();

const stackWithFiles = (name: string, stack: StackDeclaration): StackDeclaration =>
  stack.project === undefined ? stack : { ...stack, ...withProject(name, stack, withFilesOnly(stack.project)) };

function withFilesOnly(project: ComposeProject): ComposeProject {
  const { files = [] } = project;
  const kept = <T>(all: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(all).filter(([config]) => files.includes(config)));
  return {
    ...project,
    configs: kept(project.configs),
    services: Object.fromEntries(
      Object.entries(project.services).map(([name, service]) => [name, { ...service, configs: kept(service.configs) }]),
    ),
    mountsConfigs: true,
  };
}
