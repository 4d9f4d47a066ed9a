import {
  type Declaration,
  edited,
  editedStack,
  type ServiceDeclaration,
  type StackDeclaration,
} from '../machine/declaration.ts';
import { type Args, type Operation, operation } from '../operation.ts';
import type { Declarable } from '../role.ts';
import { rebuildMayFail, rebuildMustFail, rebuilt } from '../transitions/generations.ts';
import { laidOut, type World } from '../world.ts';

/** One way to edit the configuration. */
export interface Edit<A extends Args> {
  describe(args: A): string;
  readonly declares?: Declarable;
  readonly weight?: number;
  /** The arguments that would change something, simplest first. */
  choices(world: World): readonly A[];
  /** The configuration afterwards. It depends on nothing else in the world, so it is computed once. */
  wanted(from: Configured, args: A): Declaration;
}

/** The parts of a world that an edit of the configuration may look at. */
export type Configured = Pick<World, 'declared' | 'setup'>;

/** An operation that edits the configuration and rebuilds. The edit stays, whatever the rebuild says. */
export function edit<A extends Args>(rule: Edit<A>): Operation<A> {
  const wanted = madeOnce(rule);
  return operation<A>({
    kind: 'command',
    needs: ['rebuild'],
    ...(rule.declares && { declares: rule.declares }),
    weight: rule.weight ?? 1,
    describe: args => `${rule.describe(args)}, and rebuild`,
    choices: world => rule.choices(world),
    allowed: (world, args) => rule.choices(world).some(choice => same(choice, args)),
    apply: (host, args, world) => host.rebuild(wanted(world, args)),
    mayFail: (world, args) => rebuildMayFail(world, wanted(world, args)),
    mustFail: (world, args) => rebuildMustFail(world, wanted(world, args)),
    expected: (world, args, claim) => {
      const declared = wanted(world, args);
      return laidOut(rebuilt(world, declared, claim), { declared });
    },
  });
}

/**
 * The same edit of the same configuration gives the same object in every world, so that everything derived from a declaration
 * is computed once.
 */
function madeOnce<A extends Args>({ wanted }: Pick<Edit<A>, 'wanted'>): Edit<A>['wanted'] {
  const made = new WeakMap<Declaration, { readonly setup: World['setup']; readonly by: Map<string, Declaration> }>();
  let last: (Configured & { readonly args: A; readonly declaration: Declaration }) | undefined;
  return ({ declared, setup }, args) => {
    // Asked several times in one step.
    if (last?.args === args && last.declared === declared && last.setup === setup) return last.declaration;
    let known = made.get(declared);
    if (known?.setup !== setup) {
      known = { setup, by: new Map() };
      made.set(declared, known);
    }
    const key = keyOf(args);
    let declaration = known.by.get(key);
    if (declaration === undefined) {
      declaration = wanted({ declared, setup }, args);
      known.by.set(key, declaration);
    }
    last = { declared, setup, args, declaration };
    return declaration;
  };
}

/** Arguments as text; faster than JSON, because it is made for every edit that is tried. */
function keyOf(args: Args): string {
  let key = '';
  for (const name in args) key += `${name} ${typeof args[name]} ${args[name]}\n`;
  return key;
}

/** Which service of the declaration. */
export interface ServiceArgs extends Args {
  readonly stack: string;
  readonly service: string;
}

/** One way to change the services of a stack. */
export interface Mutation<A extends ServiceArgs> {
  describe(args: A): string;
  readonly declares?: Declarable;
  readonly weight?: number;
  /** The arguments that would change this service, simplest first. */
  choices(service: ServiceDeclaration, at: ServiceArgs, world: World): readonly A[];
  change(services: StackDeclaration['services'], args: A): StackDeclaration['services'];
}

/** An operation that changes a service in the configuration, and rebuilds. */
export const mutation = <A extends ServiceArgs>(rule: Mutation<A>): Operation<A> =>
  edit<A>({
    ...rule,
    choices: world =>
      everyService(world.declared).flatMap(at => rule.choices(serviceAt(world.declared, at), at, world)),
    wanted: (world, args) => edited(world.declared, args.stack, services => rule.change(services, args)),
  });

/** One way to change a stack as a whole. */
export interface StackEdit<A extends Args & { readonly stack: string }> {
  describe(args: A): string;
  /** The arguments that would change this stack, simplest first. */
  choices(project: StackDeclaration, stack: string, world: World): readonly A[];
  change(project: StackDeclaration, args: A): Partial<StackDeclaration>;
}

/** An operation that changes a stack in the configuration, and rebuilds. */
export const stackEdit = <A extends Args & { readonly stack: string }>(rule: StackEdit<A>): Operation<A> =>
  edit<A>({
    ...rule,
    choices: world =>
      Object.entries(world.declared.stacks).flatMap(([stack, project]) => rule.choices(project, stack, world)),
    wanted: (world, args) => editedStack(world.declared, args.stack, project => rule.change(project, args)),
  });

/** Every service of a declaration, in the order of its names. */
export const everyService = (declaration: Declaration): readonly ServiceArgs[] =>
  Object.entries(declaration.stacks).flatMap(([stack, { services }]) =>
    Object.keys(services).map(service => ({ stack, service })),
  );

/** A service of a declaration. @throws Error where there is none, which is a mistake in an operation. */
function serviceAt(declaration: Declaration, { stack, service }: ServiceArgs): ServiceDeclaration {
  const found = declaration.stacks[stack]?.services[service];
  if (found === undefined) throw new Error(`no service ${stack}/${service} in revision ${declaration.revision}`);
  return found;
}

/** The services of a project with one of them changed. */
export const withService = (
  services: StackDeclaration['services'],
  name: string,
  change: Partial<ServiceDeclaration>,
): StackDeclaration['services'] => {
  const service = services[name];
  return service === undefined ? services : { ...services, [name]: { ...service, ...change } };
};

const same = (one: Args, other: Args): boolean =>
  Object.keys(one).length === Object.keys(other).length &&
  Object.keys(one).every(key => Object.hasOwn(other, key) && one[key] === other[key]);
