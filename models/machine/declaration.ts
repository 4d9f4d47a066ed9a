import type { ComposeProject } from './compose-project.ts';
import type { DeclaredFields } from './container-fields.ts';

/** What the operator's configuration says: the compose stacks that the machine is meant to run. Plain JSON. */
export interface Declaration {
  /** Counts the edits of the configuration, as the commits of a repository would: 1, 2, 3 … */
  readonly revision: number;
  readonly stacks: Readonly<Record<string, StackDeclaration>>;
}

/** One compose project, run by one user unit. */
export interface StackDeclaration {
  /** The declaration's revision in which this stack last changed: tells one definition of its unit from another. */
  readonly revision: number;
  readonly services: Readonly<Record<string, ServiceDeclaration>>;
  /** Names of the env files that its containers are given, and without which it must not start: `~/secrets/<name>.env`. */
  readonly secrets: readonly string[];
  /** The operator's own compose file; absent of a stack of probes. `services` says the same, as far as it goes (own-stack.ts). */
  readonly project?: ComposeProject;
}

/** One service of a compose project. */
export interface ServiceDeclaration extends DeclaredFields {
  readonly healthcheck: Healthcheck;
  /** The label PODMAN_SYSTEMD_UNIT as the compose file has it: the stack's own unit, or another. */
  readonly unitLabel: 'right' | 'wrong';
  readonly dependsOn: readonly string[];
  /** Of one that is meant to run once and end: its exit status. Absent of one that goes on running. */
  readonly ends?: number;
  /** Its tag is pulled at every start. Absent where it is pulled only if it is not there. */
  readonly pull?: 'always';
}

/** The build of the image that ends as soon as it is started. */
export const broken = 'broken';

/** A healthcheck by what it comes to: `slow` never leaves `starting`, since its start period lasts for hours. */
export type Healthcheck = 'none' | 'passing' | 'failing' | 'slow';

export type RestartPolicy = DeclaredFields['restart'];

/** The declaration with the services of one stack changed: the next revision of both. */
export const edited = (
  declaration: Declaration,
  stack: string,
  change: (services: StackDeclaration['services']) => StackDeclaration['services'],
): Declaration => editedStack(declaration, stack, before => ({ services: change(before.services) }));

/** The declaration with one stack changed in any way: the next revision of both. */
export function editedStack(
  declaration: Declaration,
  stack: string,
  change: (before: StackDeclaration) => Partial<StackDeclaration>,
): Declaration {
  const before = declaration.stacks[stack];
  if (before === undefined) throw new Error(`no stack ${stack} in revision ${declaration.revision}`);
  const revision = declaration.revision + 1;
  return { revision, stacks: { ...declaration.stacks, [stack]: { ...before, ...change(before), revision } } };
}

/** The declaration with a stack more. */
export function withStackAdded(
  declaration: Declaration,
  stack: string,
  project: Omit<StackDeclaration, 'revision'>,
): Declaration {
  const revision = declaration.revision + 1;
  return { revision, stacks: { ...declaration.stacks, [stack]: { ...project, revision } } };
}

/** The declaration with a stack less. */
export function withStackRemoved(declaration: Declaration, stack: string): Declaration {
  const { [stack]: _, ...stacks } = declaration.stacks;
  return { revision: declaration.revision + 1, stacks };
}
