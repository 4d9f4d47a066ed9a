import type { ComposeProject } from './compose-project.ts';
import type { DeclaredFields } from './container-fields.ts';

/** What the operator's configuration says: the compose stacks that the machine is meant to run. Plain JSON. */
export interface Declaration {
  /** Number of the edit of the configuration, like the commits of a repository: 1, 2, 3 … */
  readonly revision: number;
  readonly stacks: Readonly<Record<string, StackDeclaration>>;
}

/** One compose project, run by one user unit. */
export interface StackDeclaration {
  /** The revision of the declaration in which this stack last changed: tells one definition of its unit from another. */
  readonly revision: number;
  readonly services: Readonly<Record<string, ServiceDeclaration>>;
  /** Names of the env files of its containers: `~/secrets/<name>.env`. It must not start without them. */
  readonly secrets: readonly string[];
  /**
   * The operator's own compose file; absent for a stack of probes. `services` describes the same as far as it can
   * (own-stack.ts).
   */
  readonly project?: ComposeProject;
}

/** One service of a compose project. */
export interface ServiceDeclaration extends DeclaredFields {
  readonly healthcheck: Healthcheck;
  /** The label PODMAN_SYSTEMD_UNIT as the compose file has it: the stack's own unit, or another. */
  readonly unitLabel: 'right' | 'wrong';
  readonly dependsOn: readonly string[];
  /** The exit status of a service that runs once and ends. Absent for one that keeps running. */
  readonly ends?: number;
  /** True where its tag is pulled at every start. Absent where it is pulled only if it is missing. */
  readonly pull?: 'always';
}

/** Services that run once and end, as `stack/service`. */
export const jobsIn = ({ stacks }: Declaration): ReadonlySet<string> =>
  new Set(
    Object.entries(stacks).flatMap(([stack, { services }]) =>
      Object.keys(services)
        .filter(service => services[service]?.ends !== undefined)
        .map(service => `${stack}/${service}`),
    ),
  );

/** The build of the image that ends as soon as it is started. */
export const broken = 'broken';

/** A healthcheck, named by its result: `slow` stays in `starting`, because its start period lasts for hours. */
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

/** The declaration with one more stack. */
export function withStackAdded(
  declaration: Declaration,
  stack: string,
  project: Omit<StackDeclaration, 'revision'>,
): Declaration {
  const revision = declaration.revision + 1;
  return { revision, stacks: { ...declaration.stacks, [stack]: { ...project, revision } } };
}

/** The declaration without a stack, of the revision before this one's: what is rebuilt first on a machine that stays. */
export const nothingDeclared = ({ revision }: Declaration): Declaration => ({ revision: revision - 1, stacks: {} });

/** The declaration without one of its stacks. */
export function withStackRemoved(declaration: Declaration, stack: string): Declaration {
  const { [stack]: _, ...stacks } = declaration.stacks;
  return { revision: declaration.revision + 1, stacks };
}
