import { type Declaration, edited, type ServiceDeclaration, type StackDeclaration } from './declaration.ts';
import { groundsAgainst, obstaclesAgainst, rebuilt } from './generations.ts';
import { type Args, type Operation, operation } from './operation.ts';
import type { World } from './world.ts';

/** Where in the declaration a service stands. */
export interface ServiceArgs extends Args {
  readonly stack: string;
  readonly service: string;
}

/** One way to change the services of a stack. */
export interface Mutation<A extends ServiceArgs> {
  describe(args: A): string;
  /** The arguments that would change this service, simplest first. */
  choices(service: ServiceDeclaration, at: ServiceArgs, world: World): readonly A[];
  change(services: StackDeclaration['services'], args: A): StackDeclaration['services'];
}

/** The operation of editing the configuration and rebuilding at once. The edit stays, whatever the rebuild says. */
export function mutation<A extends ServiceArgs>(rule: Mutation<A>): Operation<A> {
  const choices = (world: World) =>
    everyService(world.declared).flatMap(at => rule.choices(serviceAt(world.declared, at), at, world));
  const wanted = (world: World, args: A) => edited(world.declared, args.stack, services => rule.change(services, args));
  return operation<A>({
    kind: 'command',
    weight: 1,
    describe: args => rule.describe(args),
    choices,
    allowed: (world, args) => {
      const now = world.declared.stacks[args.stack]?.services[args.service];
      const at = { stack: args.stack, service: args.service };
      return now !== undefined && rule.choices(now, at, world).some(choice => same(choice, args));
    },
    apply: (host, args, world) => host.rebuild(wanted(world, args)),
    grounds: (world, args) => groundsAgainst(world, wanted(world, args)),
    obstacles: (world, args) => obstaclesAgainst(world, wanted(world, args)),
    expected: (world, args, claim) => {
      const declared = wanted(world, args);
      return { ...rebuilt(world, declared, claim), declared };
    },
  });
}

/** Every service of a declaration, in the order of its names. */
export const everyService = (declaration: Declaration): readonly ServiceArgs[] =>
  Object.entries(declaration.stacks).flatMap(([stack, { services }]) =>
    Object.keys(services).map(service => ({ stack, service })),
  );

/** A service of a declaration. @throws where there is none: a mistake in an operation. */
function serviceAt(declaration: Declaration, { stack, service }: ServiceArgs): ServiceDeclaration {
  const found = declaration.stacks[stack]?.services[service];
  if (found === undefined) throw new Error(`no service ${stack}/${service} in revision ${declaration.revision}`);
  return found;
}

/** One service of a project changed. */
export const withService = (
  services: StackDeclaration['services'],
  name: string,
  change: Partial<ServiceDeclaration>,
): StackDeclaration['services'] => {
  const service = services[name];
  return service === undefined ? services : { ...services, [name]: { ...service, ...change } };
};

const same = (one: Args, other: Args): boolean =>
  Object.keys(one).length === Object.keys(other).length && Object.keys(one).every(key => one[key] === other[key]);
