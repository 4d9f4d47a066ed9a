import { isOn, type ProjectService } from '../../../../models/machine/compose-project.ts';
import type { ServiceDeclaration, StackDeclaration } from '../../../../models/machine/declaration.ts';

/** A compose file, with the environment in which it is read. */
export interface ComposeRun {
  readonly stack: string;
  readonly project: StackDeclaration;
  /** STACK_MARKER, which the compose file takes from the unit's environment. */
  readonly marker: string;
  /** STACK_DEFINITION, which a profile's compose file may take from its wrapper. */
  readonly definition?: string;
}

/** A service, as both providers read it. */
export interface Service {
  readonly name: string;
  readonly declared: ServiceDeclaration;
  /** The whole text of the service, except the marker; of networks, volumes and configs only their names. */
  readonly text: string;
  /** What an operator's own compose file says of it; undefined for a probe. */
  readonly own: ProjectService | undefined;
}

/** A compose file that was read. */
export interface Project {
  /** In the order of their dependencies: a service comes after those that it depends on. */
  readonly services: readonly Service[];
  readonly names: ReadonlySet<string>;
  /** Services of the file that its compose profiles switch off. */
  readonly off: ReadonlySet<string>;
  /** The whole file, except the marker. */
  readonly text: string;
}

const read = new WeakMap<StackDeclaration, Project>();

/** Reads a compose file; the same file is read only once. */
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
    // The texts that are mounted stand beside the file, and not in it.
    const said = file?.mountsConfigs ? { ...file, configs: Object.keys(file.configs) } : file;
    const text = file === undefined ? whole : `${whole}\n${JSON.stringify(said)}`;
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
