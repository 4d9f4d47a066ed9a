import { isFile, isOnLoopback } from '../../../../models/machine/compose-project.ts';
import type { Declaration } from '../../../../models/machine/declaration.ts';

/**
 * What the declarations that a machine was given since its reset say about one service of an own compose file. What was
 * declared once and no longer is may still be there: a look must find that.
 */
export interface OwnService {
  /** The values that were declared for each variable. */
  readonly environment: ReadonlyMap<string, ReadonlySet<string>>;
  /** The paths of its configs. */
  readonly configs: ReadonlySet<string>;
  /** Those of them that are files which the operator's compose file mounts. */
  readonly mounted: ReadonlySet<string>;
  /** The tcp ports that it publishes on the loopback. */
  readonly ports: ReadonlySet<number>;
  /** The subnets that the stack's networks were given. */
  readonly subnets: ReadonlySet<string>;
  /** The networks and volumes of its stack that compose uses but does not create, by their names on the machine. */
  readonly external: ReadonlySet<string>;
}

/** By `stack/service`, for services of own compose files only. */
export type OwnServices = ReadonlyMap<string, OwnService>;

/** A machine that was not given anything yet. */
export const nothingOwn: OwnServices = new Map();

/** What is known after one more declaration was given to the machine. */
export function withDeclared(known: OwnServices, { stacks }: Pick<Declaration, 'stacks'>): OwnServices {
  const all = new Map(known);
  for (const [stack, { project }] of Object.entries(stacks)) {
    if (project === undefined) continue;
    const resources = [...Object.entries(project.networks), ...Object.entries(project.volumes)];
    const external = resources.filter(([, one]) => one.external).map(([name, one]) => one.name ?? name);
    const subnets = Object.values(project.networks).flatMap(({ subnet }) => subnet ?? []);
    for (const [name, service] of Object.entries(project.services)) {
      const before = all.get(`${stack}/${name}`);
      const environment = new Map(before?.environment);
      for (const [variable, value] of Object.entries(service.environment))
        environment.set(variable, new Set([...(environment.get(variable) ?? []), value]));
      const published = service.ports.filter(isOnLoopback).map(port => port.published);
      all.set(`${stack}/${name}`, {
        environment,
        configs: new Set([...(before?.configs ?? []), ...Object.values(service.configs)]),
        mounted: new Set([
          ...(before?.mounted ?? []),
          ...Object.entries(service.configs).flatMap(([config, path]) => (isFile(project, config) ? [path] : [])),
        ]),
        ports: new Set([...(before?.ports ?? []), ...published]),
        subnets: new Set([...(before?.subnets ?? []), ...subnets]),
        external: new Set([...(before?.external ?? []), ...external]),
      });
    }
  }
  return all;
}

/** What a look asks for because of them: each thing once. */
export const askedOf = (
  own: OwnServices,
): { readonly configs: readonly string[]; readonly ports: readonly number[] } => ({
  configs: [...new Set([...own.values()].flatMap(({ configs }) => [...configs]))].sort(),
  ports: [...new Set([...own.values()].flatMap(({ ports }) => [...ports]))].sort((one, other) => one - other),
});

/** The names of networks and volumes that are external. */
export const externalIn = (own: OwnServices): ReadonlySet<string> =>
  new Set([...own.values()].flatMap(({ external }) => [...external]));
