import { declaredNames, valuesOf } from '../../../models/machine/container-fields.ts';
import {
  type Declaration,
  edited,
  editedStack,
  type Healthcheck,
  type ServiceDeclaration,
  type StackDeclaration,
  withStackAdded,
  withStackRemoved,
} from '../../../models/machine/declaration.ts';
import { sparesOf } from '../../../models/transitions/secrets.ts';

/** Draws one element of a list. */
export type One = <T>(list: readonly T[]) => T;

type Services = StackDeclaration['services'];

/** The declared fields of a container that have no rule of their own below. */
const otherFields = declaredNames.filter(
  name => !['greeting', 'tag', 'restart', 'autoUpdate'].includes(name) && valuesOf(name).length > 0,
);

/** The declaration with one random edit, and its description: anything that a configuration can say, sensible or not. */
export function mutated(declaration: Declaration, one: One, versions: readonly string[]): [Declaration, string] {
  const stack = one(Object.keys(declaration.stacks));
  const { services = {}, secrets = [] } = declaration.stacks[stack] ?? {};
  const service = one(Object.keys(services));
  const now = services[service] as ServiceDeclaration;
  const change = (next: Partial<ServiceDeclaration>, why: string): [Declaration, string] => [
    edited(declaration, stack, all => ({ ...all, [service]: { ...now, ...next } })),
    `${why} of ${stack}/${service}`,
  ];
  const replaced = (next: Services, why: string): [Declaration, string] => [
    edited(declaration, stack, () => next),
    `${why} ${stack}/${service}`,
  ];
  const draw = one([
    () => change({ greeting: now.greeting === 'hello' ? 'goodbye' : 'hello' }, 'greeting'),
    () => change({ tag: one(['stable', ...versions]) }, 'tag'),
    () => change({ tag: one(['@v1', '@v2', '@v3']) }, 'digest'),
    // A container that is restarted and ends at once never comes to rest.
    () => change({ tag: one(['broken', 'missing']), restart: 'no' }, 'image that cannot run'),
    () => change({ healthcheck: one<Healthcheck>(['none', 'passing', 'failing', 'slow']) }, 'healthcheck'),
    () => change({ restart: now.tag === 'broken' ? 'no' : one(['no', 'always', 'unless-stopped']) }, 'restart policy'),
    () => change({ autoUpdate: !now.autoUpdate }, 'auto-update label'),
    () => change({ unitLabel: now.unitLabel === 'right' ? 'wrong' : 'right' }, 'unit label'),
    ...otherFields.map(field => () => change({ [field]: one(valuesOf(field)) }, field)),
    () => replaced(renamed(services, service), 'rename'),
    () =>
      replaced(services.more === undefined ? { ...services, more: now } : without(services, 'more'), 'one more than'),
    () => envFile(declaration, stack, secrets, one(sparesOf(stack))),
    () => oneStack(declaration, now),
  ]);
  return draw();
}

function envFile(
  declaration: Declaration,
  stack: string,
  secrets: readonly string[],
  name: string,
): [Declaration, string] {
  const next = secrets.includes(name) ? secrets.filter(one => one !== name) : [...secrets, name];
  return [editedStack(declaration, stack, () => ({ secrets: next })), `env file ${name}`];
}

function oneStack(declaration: Declaration, app: ServiceDeclaration): [Declaration, string] {
  if (declaration.stacks.extra !== undefined) return [withStackRemoved(declaration, 'extra'), 'no stack extra'];
  const services = { app: { ...app, tag: 'v1', dependsOn: [] } };
  return [withStackAdded(declaration, 'extra', { secrets: [], services }), 'stack extra'];
}

function renamed(services: Services, from: string): Services {
  const to = from.endsWith('2') ? from.slice(0, -1) : `${from}2`;
  const name = (old: string) => (old === from ? to : old);
  const entries = Object.entries(services).map(
    ([service, now]) => [name(service), { ...now, dependsOn: now.dependsOn.map(name) }] as const,
  );
  return Object.fromEntries(entries);
}

const without = (services: Services, gone: string): Services =>
  Object.fromEntries(
    Object.entries(services)
      .filter(([name]) => name !== gone)
      .map(([name, now]) => [name, { ...now, dependsOn: now.dependsOn.filter(other => other !== gone) }]),
  );
