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
  /** Names of env files that must exist before the stack may start: `~/secrets/<name>.env`. */
  readonly secrets: readonly string[];
}

/** One service of a compose project. */
export interface ServiceDeclaration {
  /** Tag of the image `localhost:5000/probe`: `stable` moves, `v1`, `v2` … never do. */
  readonly tag: string;
  /** Value of the environment variable GREETING. */
  readonly greeting: string;
  /** Whether the container carries `io.containers.autoupdate=registry`. */
  readonly autoUpdate: boolean;
  /** Whether the container has a healthcheck (one that passes). */
  readonly healthcheck: boolean;
  readonly dependsOn: readonly string[];
}

/** The declaration with one stack changed: the next revision of both. */
export function edited(
  declaration: Declaration,
  stack: string,
  change: (services: StackDeclaration['services']) => StackDeclaration['services'],
): Declaration {
  const before = declaration.stacks[stack];
  if (before === undefined) throw new Error(`no stack ${stack} in revision ${declaration.revision}`);
  const revision = declaration.revision + 1;
  const after = { ...before, revision, services: change(before.services) };
  return { revision, stacks: { ...declaration.stacks, [stack]: after } };
}
