import { type Claim, type Host, type Placed, type PodmanDeed, Unstarted, type Verb } from '../../../models/host.ts';
import { newStack } from '../../../models/machine/additions.ts';
import type { ComposeProject } from '../../../models/machine/compose-project.ts';
import type { Declaration } from '../../../models/machine/declaration.ts';
import type { Observation } from '../../../models/observation.ts';

/**
 * Names of stacks on a machine of one's own, where all stacks under test have a prefix. The model, the corpus and the reports
 * do not know it: `web` is `fzweb` on the machine, and is `web` again in what comes back.
 */
export interface Names {
  /** All stacks that may exist, by their names on the machine. */
  readonly stacks: readonly string[];
  /** The machine's names of networks and volumes to which compose files give a name, or which they call external. */
  readonly resources: readonly string[];
  /** The machine's name of a stack or env file. */
  there(name: string): string;
  thereDeclared(declaration: Declaration): Declaration;
  /** A text in which stacks have the machine's names. */
  textThere(text: string): string;
  /** A text in which stacks have our names. */
  textHere(text: string): string;
}

/** The names of a profile's stacks, and of the stack that may be added. */
export function namesOf(prefix: string, declaration: Declaration): Names {
  const ours = [...new Set([...Object.keys(declaration.stacks), newStack])];
  const named = [...new Set(Object.values(declaration.stacks).flatMap(({ project }) => namedIn(project)))];
  const here = new RegExp(`(?<![A-Za-z0-9])${prefix}(?=(?:${anyOf([...ours, ...named])})(?![A-Za-z0-9]))`, 'g');
  // A unit, a quadlet file, or what extends one.
  const names = '-\\w+\\.(?:service|container)|-\\.service\\.d|_default\\.network';
  const unit = new RegExp(`(?<![A-Za-z0-9])(?=(?:${anyOf(ours)})(?:${names}))`, 'g');
  const there = (name: string): string => `${prefix}${name}`;
  return {
    stacks: ours.map(there),
    resources: named.map(there),
    there,
    thereDeclared: ({ revision, stacks }) => ({
      revision,
      stacks: Object.fromEntries(
        Object.entries(stacks).map(([name, stack]) => [
          there(name),
          {
            ...stack,
            secrets: stack.secrets.map(there),
            ...(stack.project && { project: projectThere(stack.project, there) }),
          },
        ]),
      ),
    }),
    textThere: text => text.replace(unit, prefix),
    textHere: text => text.replace(here, ''),
  };
}

/** The longest first: none of them is taken for the beginning of another. */
const anyOf = (names: readonly string[]): string =>
  [...names]
    .sort((one, other) => other.length - one.length)
    .map(name => name.replace(/[.]/g, '\\$&'))
    .join('|');

const resourcesIn = ({ networks, volumes }: ComposeProject) => [
  ...Object.entries(networks),
  ...Object.entries(volumes),
];

/** The names that a compose file gives networks and volumes without the stack's before them: they are the machine's. */
const namedIn = (project: ComposeProject | undefined): readonly string[] =>
  project === undefined
    ? []
    : resourcesIn(project).flatMap(([key, { name, external }]) => name ?? (external ? key : []));

/** The same file with the prefix before each such name: nothing of somebody else's is used, or taken for one's own. */
function projectThere(project: ComposeProject, there: (name: string) => string): ComposeProject {
  const each = <T extends { readonly name: string | null; readonly external: boolean }>(
    all: Readonly<Record<string, T>>,
  ) =>
    Object.fromEntries(
      Object.entries(all).map(([key, one]) => {
        const name = one.name ?? (one.external ? key : null);
        return [key, name === null ? one : { ...one, name: there(name) }];
      }),
    );
  return { ...project, networks: each(project.networks), volumes: each(project.volumes) };
}

/** A host whose stacks have other names on the machine. */
export function renaming(host: Host, names: Names): Host {
  const { there, textThere, textHere } = names;
  const heard = async (pulled: Promise<Claim>): Promise<Claim> => hereIn(await pulled, textHere);
  return {
    ...host,
    async reset() {
      try {
        await host.reset();
      } catch (error) {
        throw error instanceof Unstarted ? unstartedHere(error, textHere) : error;
      }
    },
    rebuild: (declaration, mode) => heard(host.rebuild(names.thereDeclared(declaration), mode)),
    rollback: interruptedFor =>
      heard(interruptedFor === undefined ? host.rollback() : host.rollback(names.thereDeclared(interruptedFor))),
    systemctl: (verb: Verb, unit?: string) =>
      heard(unit === undefined ? host.systemctl(verb) : host.systemctl(verb, textThere(unit))),
    manager: action => heard(host.manager(action)),
    place: (path: string, what: Placed) => heard(host.place(textThere(path), what)),
    container: (action, stack, service) => heard(host.container(action, there(stack), service)),
    addContainer: (kind, stack) => heard(host.addContainer(kind, there(stack))),
    podman: what => heard(host.podman(deedThere(what, names))),
    health: (stack, service, state) => heard(host.health(there(stack), service, state)),
    secret: (name, state) => heard(host.secret(there(name), state)),
    autoUpdate: how => heard(host.autoUpdate(how)),
    observe: async () => hereIn(await host.observe(), textHere) as Observation,
    async settle() {
      const { rested, waiting } = await host.settle();
      return { rested, waiting: waiting.map(textHere) };
    },
  };
}

/** What a first rebuild left that did not do what it said, by our names: it is judged and reported as any look is. */
function unstartedHere({ message, claim, seen, evidence }: Unstarted, textHere: Names['textHere']): Unstarted {
  return new Unstarted(textHere(message), hereIn(claim, textHere), {
    ...(seen !== undefined && { seen: hereIn(seen, textHere) }),
    ...(evidence !== undefined && { evidence }),
  });
}

/** What is done by hand, with the machine's names of stacks, networks and volumes. */
function deedThere(what: PodmanDeed, { there }: Names): PodmanDeed {
  if (what.deed === 'prune' || what.deed === 'tag' || what.deed === 'build') return what;
  if (what.deed === 'remove-network') return { ...what, network: there(what.network) };
  if (what.deed === 'remove-volume') return { ...what, volume: there(what.volume) };
  const stack = there(what.stack);
  return what.deed === 'write' ? { ...what, stack } : { ...what, stack, network: there(what.network) };
}

/** Every text in a value, keys too, with our names. */
function hereIn<T>(value: T, textHere: (text: string) => string): T {
  return JSON.parse(JSON.stringify(value), (_, part: unknown) => {
    if (typeof part === 'string') return textHere(part);
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).map(([key, each]) => [textHere(key), each]));
  }) as T;
}
