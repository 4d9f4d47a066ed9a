import { isOn, type ProjectService } from '../../../../models/machine/compose-project.ts';
import type { ServiceDeclaration, StackDeclaration } from '../../../../models/machine/declaration.ts';

/** A compose file with the environment in which it is read. */
export interface ComposeRun {
  readonly stack: string;
  readonly project: StackDeclaration;
  /** STACK_MARKER, which the file takes from the unit's environment. */
  readonly marker: string;
  /** STACK_DEFINITION, which a profile's file may take from its wrapper. */
  readonly definition?: string;
}

/** A service as both providers see it. */
export interface Service {
  readonly name: string;
  readonly declared: ServiceDeclaration;
  /** Everything that the file says of it, but for the marker; not the networks, volumes and configs that it only names. */
  readonly text: string;
  /** What an operator's own compose file says of it; undefined of a probe. */
  readonly own: ProjectService | undefined;
}

/** A compose file, read. */
export interface Project {
  /** Those that others depend on come first. */
  readonly services: readonly Service[];
  readonly names: ReadonlySet<string>;
  /** Services that stand in the file and are switched off by their compose profiles. */
  readonly off: ReadonlySet<string>;
  /** The whole file, but for the marker. */
  readonly text: string;
}

const read = new WeakMap<StackDeclaration, Project>();

/** Reads a compose file; the same one is read once. */
export function readProject(declaration: StackDeclaration): Project {
  let project = read.get(declaration);
  if (project === undefined) {
    const { secrets, project: file } = declaration;
    const services = inOrder(declaration).map(([name, declared]) => {
      const own = file?.services[name];
      const says = own === undefined ? [name, declared, secrets] : [name, withoutLines(declared), secrets, own];
      return { name, declared, text: JSON.stringify(says), own };
    });
    const whole = services.map(service => service.text).join('\n');
    const text = file === undefined ? whole : `${whole}\n${JSON.stringify(file)}`;
    const off = Object.entries(file?.services ?? {}).filter(([, one]) => file !== undefined && !isOn(file, one));
    const names = new Set(services.map(service => service.name));
    project = { services, names, off: new Set(off.map(([name]) => name)), text };
    read.set(declaration, project);
  }
  return project;
}

const withoutLines = (declared: ServiceDeclaration): ServiceDeclaration => ({ ...declared, settings: '', effect: '' });

function inOrder({ services }: StackDeclaration): readonly (readonly [string, ServiceDeclaration])[] {
  const order = new Map<string, ServiceDeclaration>();
  const visit = (name: string): void => {
    const declared = services[name];
    if (declared === undefined || order.has(name)) return;
    for (const other of declared.dependsOn) visit(other);
    order.set(name, declared);
  };
  for (const name of Object.keys(services).sort()) visit(name);
  return [...order];
}
