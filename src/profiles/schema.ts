import { z } from 'zod';
import {
  containerFields,
  type DeclaredFields,
  type Field,
  type KeyField,
  keyNames,
  plainFields,
} from '../../models/machine/container-fields.ts';
import type { StackDeclaration } from '../../models/machine/declaration.ts';
import { ownStack } from '../../models/machine/own-stack.ts';
import { everyDirectory } from '../../models/machine/search-path.ts';
import { declarables, type Need, roles } from '../../models/role.ts';
import type { Problem } from '../problem.ts';
import type { ReadStack } from '../stacks/read.ts';
import { refused, type Yaml } from '../yaml.ts';
import { didYouMean } from './suggestion.ts';

/** The rule for names of stacks, services, secrets and versions: they become parts of file, unit and image names. */
const nameRule = 'small letters and digits, a letter first, 30 at most';
const word = z
  .string()
  .regex(/^[a-z][a-z0-9]{0,29}$/, nameRule)
  // Every JavaScript object has a property of that name.
  .refine(text => text !== 'constructor', 'another word than constructor');
// No characters that move a terminal's cursor, and no NUL, which a command line cannot contain.
const line = z
  .string()
  .min(1, 'some text')
  .regex(/^[^\p{Cc}]*$|^[\P{Cc}\n\t]*$/u, 'text without control characters');
const place = line.regex(/^[~/]/, 'a path that begins with / or ~');
const below = z.string().regex(/^(?!\/)(?!.*\.\.).+$/, 'a path below the folder, without ..');
const tree = z.record(z.string(), z.unknown());

/** The keys of a service that are fields of its container, with their defaults. */
const fields = Object.fromEntries(
  keyNames.map(name => [name, typeOf(containerFields[name]).default(plainFields[name])]),
) as { readonly [F in KeyField]: z.ZodDefault<z.ZodType<DeclaredFields[F]>> };

function typeOf({ byHand, oneOf }: Field): z.ZodType<string | boolean> {
  if (oneOf !== undefined) return z.enum(oneOf);
  return typeof byHand === 'boolean' ? z.boolean() : z.union([z.literal(''), line]);
}

const service = z.strictObject({
  ...fields,
  tag: line,
  healthcheck: z.enum(['none', 'passing', 'failing', 'slow']).default('none'),
  unitLabel: z.enum(['right', 'wrong']).default('right'),
  dependsOn: z.array(word).default([]),
});

const stack = z
  .strictObject({
    services: z.record(word, service).optional(),
    compose: below.optional(),
    secrets: z.array(word).default([]),
  })
  .refine(({ services, compose }) => (services === undefined) !== (compose === undefined), {
    message: 'either services, or compose with the path of a compose file',
  });

/** What a profile may list under `lacks`. */
const capabilities = [...(Object.keys(roles) as Need[]), ...declarables.map(what => `declare ${what}` as const)];

const link = line.refine(isLinkPattern, 'a regular expression with one group, the tree');

const form = z.strictObject({
  // Used and removed when layers are merged (layers.ts); here only so that the keys are known.
  extends: line.optional(),
  without: z.array(below).optional(),
  about: line,
  imitates: line.nullable().default(null),
  owner: z.enum(everyDirectory),
  providers: z.array(z.enum(['docker-compose', 'podman-compose', 'podman'])).min(1),
  commands: z.strictObject({
    install: line,
    rebuild: line,
    rollback: line,
    update: line,
    dryRun: line.default('podman auto-update --dry-run --format json'),
  }),
  state: z.strictObject({
    profile: place,
    generations: place,
    home: place,
    tree: below,
    link,
    declaration: below,
    units: below,
  }),
  updateUnit: line.nullable().default(null),
  containers: z.enum(['quadlet', 'oci-containers']).default('quadlet'),
  lacks: z.partialRecord(z.enum(capabilities), line).default({}),
  activatesAtBoot: z.boolean().default(false),
  startLimit: z.int().positive().nullable().default(null),
  takesForeignUnits: z.boolean().default(false),
  evidence: z.strictObject({ system: z.array(line), user: z.array(line) }),
  templates: z.record(below, below),
  compose: z.strictObject({ document: tree.default({}), service: tree.default({}) }).prefault({}),
  versions: z.array(word).min(1),
  stacks: z.record(word, stack),
});

/** A stack that is declared by an own compose file. */
export interface ComposeStack {
  readonly name: string;
  /** The path of that file, below the profile's folder. */
  readonly file: string;
  /** The place in profile.yaml that names it. */
  readonly where: string;
}

/**
 * Checks a profile.yaml, with what it extends, and makes the declaration of revision 1 from its stacks.
 * @param read the content of the compose files of these stacks
 */
export function parseProfile(
  yaml: Yaml,
  read: (stacks: readonly ComposeStack[], versions: readonly string[]) => readonly ReadStack[],
) {
  const checked = form.safeParse(yaml.value);
  // A misspelt key is also missing: the misspelling is the cause.
  const issues = checked.error?.issues ?? [];
  const issue = issues.find(one => one.code === 'unrecognized_keys') ?? issues[0];
  if (issue) throw refusal(issue, yaml);
  const { stacks, extends: _, without: __, ...rest } = form.parse(yaml.value);
  for (const [name, { services = {} }] of Object.entries(stacks)) {
    mustHaveTags(name, services, rest.versions, yaml);
    if (rest.providers.includes('podman')) mustBeForQuadlets(name, stacks[name], yaml);
    const unknown = Object.entries(services).flatMap(([service, { dependsOn }]) =>
      dependsOn.filter(other => !Object.hasOwn(services, other)).map(other => ({ service, other })),
    )[0];
    if (unknown !== undefined) {
      const where = yaml.at(['stacks', name, 'services', unknown.service, 'dependsOn']);
      const like = didYouMean(unknown.other, Object.keys(services));
      throw refused(`dependsOn to name services of ${name}`, `${unknown.other}${like}`, where);
    }
    const cycle = cycleIn(services);
    if (cycle === null) continue;
    const where = yaml.at(['stacks', name, 'services', cycle[0] ?? '']);
    throw refused(`dependsOn of ${name} without a cycle`, cycle.join(' → '), where);
  }
  const named = Object.entries(stacks).flatMap(([name, { compose }]) =>
    compose === undefined ? [] : [{ name, file: compose, where: yaml.at(['stacks', name, 'compose']) }],
  );
  const own = named.length === 0 ? [] : read(named, rest.versions);
  const entries = Object.entries(stacks).map(([name, { services = {}, secrets }]) => {
    const project = own.find(each => each.name === name)?.project;
    if (project !== undefined) return [name, { revision: 1, ...ownStack(name, project), secrets }] as const;
    const whole = Object.entries(services).map(([service, declared]) => [service, { ...plainFields, ...declared }]);
    return [name, { revision: 1, services: Object.fromEntries(whole), secrets } satisfies StackDeclaration] as const;
  });
  const notes = own.flatMap(each => each.notes);
  const ignored = own.flatMap(each => each.ignored);
  return { ...rest, notes, ignored, declaration: { revision: 1, stacks: Object.fromEntries(entries) } };
}

/**
 * If each container has a unit of its own, no service may have the name of its stack's unit, and compose files cannot be read.
 */
function mustBeForQuadlets(
  name: string,
  { services = {}, compose }: z.infer<typeof stack> = { secrets: [] },
  yaml: Yaml,
): void {
  if (compose !== undefined)
    throw refused('services, where podman alone runs the stacks', `compose: ${compose}`, yaml.at(['stacks', name]));
  if (!Object.hasOwn(services, 'stack')) return;
  const where = yaml.at(['stacks', name, 'services', 'stack']);
  throw refused(`another name for a service of ${name}: its unit would be that of the stack`, 'stack', where);
}

/** Tags that the registry has: `stable`, each of the versions, and each version's digest, written `@v1`. */
function mustHaveTags(
  stack: string,
  services: Readonly<Record<string, { readonly tag: string }>>,
  versions: readonly string[],
  yaml: Yaml,
): void {
  const tags = ['stable', ...versions, ...versions.map(version => `@${version}`)];
  for (const [service, { tag }] of Object.entries(services)) {
    if (tags.includes(tag)) continue;
    const where = yaml.at(['stacks', stack, 'services', service, 'tag']);
    throw refused(
      `a tag among ${tags.join(', ')} (versions lists the builds)`,
      `${tag}${didYouMean(tag, tags)}`,
      where,
    );
  }
}

/** Services that depend on one another in a circle, with the first again at the end; null if there is no circle. */
function cycleIn(
  services: Readonly<Record<string, { readonly dependsOn: readonly string[] }>>,
): readonly string[] | null {
  const done = new Set<string>();
  function from(name: string, path: readonly string[]): readonly string[] | null {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return null;
    for (const other of services[name]?.dependsOn ?? []) {
      const found = from(other, [...path, name]);
      if (found !== null) return found;
    }
    done.add(name);
    return null;
  }
  for (const name of Object.keys(services)) {
    const found = from(name, []);
    if (found !== null) return found;
  }
  return null;
}

function isLinkPattern(text: string): boolean {
  try {
    return new RegExp(`${text}|`).exec('')?.length === 2;
  } catch {
    return false;
  }
}

/** An issue that zod found, as a Problem with the line of the file. */
function refusal(issue: z.core.$ZodIssue, yaml: Yaml): Problem {
  const name = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const known = keysAt(issue.path);
    const whole = [...issue.path, key];
    const found = `${whole.map(String).join('.')}${didYouMean(key, known)}`;
    return refused(`only keys that docs/profiles.md knows (${known.join(', ')})`, found, yaml.at(whole));
  }
  const where = yaml.at(issue.path);
  if (issue.code === 'invalid_key')
    return refused(`the name of ${partAt(issue.path)}: ${issue.issues[0]?.message}`, String(issue.path.at(-1)), where);
  const value = yaml.found(issue.path);
  const found = value === undefined ? 'nothing' : shown(value);
  if (issue.code === 'invalid_format' && issue.message === nameRule)
    return refused(`the name of ${partAt(issue.path)}: ${nameRule}`, found, where);
  return refused(
    name === '' ? `a map of keys (${keysAt([]).join(', ')})` : `${name} to be right (${issue.message})`,
    found,
    where,
  );
}

/** A value in a form that may be printed: shortened, and without characters that move the cursor. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** What kind of thing the name at a path names. */
function partAt(path: readonly PropertyKey[]): string {
  const [first, , third] = path;
  if (first === 'versions') return 'a version';
  if (third === 'secrets') return 'a secret';
  return third === 'services' ? 'a service' : 'a stack';
}

/** The keys that are allowed at a path. */
function keysAt(path: readonly PropertyKey[]): readonly string[] {
  let at: unknown = form;
  for (const key of path) {
    const type = bare(at);
    if (type instanceof z.ZodObject) at = (type.shape as Record<PropertyKey, unknown>)[key];
    else if (type instanceof z.ZodRecord) at = type.valueType;
    else if (type instanceof z.ZodArray) at = type.element;
  }
  const type = bare(at);
  return type instanceof z.ZodObject ? Object.keys(type.shape) : [];
}

/** A type without its mark that the key may be absent. */
function bare(type: unknown): unknown {
  const isWrapped = [z.ZodDefault, z.ZodPrefault, z.ZodNullable, z.ZodOptional].some(kind => type instanceof kind);
  return isWrapped ? bare((type as z.ZodOptional).unwrap()) : type;
}
