/**
 * What a container is made of, and goes by: every field of one, once. Types, comparison, canonical text, the simulator's
 * containers and the keys of a service in profile.yaml derive from this table. CONTRIBUTING.md says how to add a field.
 */
export const containerFields = {
  /** `stack/service` where the provider named it; otherwise the name that somebody gave it. */
  name: { byHand: '' },
  /** Which build of the image it runs (the image's label `stackfuzz.version`): v1, v2 … */
  image: { byHand: 'v1' },
  /**
   * Tag of the image `localhost:5000/probe`: `stable` moves, `v1`, `v2` … never do. `@v2` is no tag but that build by its
   * digest, `broken` a build that ends at once, `missing` a tag that nobody ever pushed.
   */
  tag: { byHand: 'v1', declared: 'v1' },
  /** Value of the environment variable GREETING. */
  greeting: { byHand: '', declared: 'hello', tried: ['hello', 'goodbye'] },
  /** STACK_MARKER of the unit definition that made the container. */
  marker: { byHand: '' },
  /** Label PODMAN_SYSTEMD_UNIT. */
  unit: { byHand: '' },
  /** Whether the container carries `io.containers.autoupdate=registry`. */
  autoUpdate: { byHand: false, declared: false },
  /** The restart policy. A copy that a hand makes of a container is given none. */
  restart: { byHand: 'no', declared: 'no', oneOf: ['no', 'always', 'unless-stopped'], isLostInCopies: true },
  /** What else an operator's own compose file declares of it, a line each (compose-project.ts); empty for a probe. */
  settings: { byHand: '', declared: '', isDerived: true, isLostInCopies: true },
  /** What of that shows only while it runs: the text of its configs, published ports that answer. Compared only then. */
  effect: { byHand: '', declared: '', isDerived: true, isLostInCopies: true },
} as const satisfies Readonly<Record<string, Field>>;

/** What the table says of a field. */
export interface Field {
  /** What a container has that somebody runs with podman, without anything that compose would give it. */
  readonly byHand: string | boolean;
  /** For a field that the operator declares of a service: what it is where profile.yaml does not say. */
  readonly declared?: string | boolean;
  /** All values that may be declared, where they are few. */
  readonly oneOf?: readonly string[];
  /** Of free text: the values that a search and the differential test try. */
  readonly tried?: readonly string[];
  /** It follows from a compose file of the operator's, and is no key of profile.yaml. */
  readonly isDerived?: true;
  /** A hand that makes a container anew (operation relabel-container) leaves it out. */
  readonly isLostInCopies?: true;
}

type Table = typeof containerFields;
type Shown<F extends Field> = F['byHand'] extends boolean ? boolean : string;
type Declarable<F extends Field> = F extends { readonly oneOf: readonly (infer T)[] } ? T : Shown<F>;

type ContainerField = keyof Table;
export type DeclaredField = {
  [F in ContainerField]: Table[F] extends { readonly declared: unknown } ? F : never;
}[ContainerField];

/** The fields that profile.yaml has a key for. */
export type KeyField = {
  [F in DeclaredField]: Table[F] extends { readonly isDerived: true } ? never : F;
}[DeclaredField];

/** What a container is made of, as a machine shows it, the model believes it and the simulator has it. */
export type ContainerFields = { readonly [F in ContainerField]: Shown<Table[F]> };

/** What of it the operator declares for a service. */
export type DeclaredFields = { readonly [F in DeclaredField]: Declarable<Table[F]> };

/** Their names, in the order in which differences are told. */
export const fieldNames = Object.keys(containerFields) as readonly ContainerField[];

export const declaredNames = fieldNames.filter(name => 'declared' in containerFields[name]) as readonly DeclaredField[];

/** Those that profile.yaml has a key for. */
export const keyNames = declaredNames.filter(name => !('isDerived' in containerFields[name])) as readonly KeyField[];

/** The values of a field that are tried. */
export function valuesOf(name: DeclaredField): readonly (string | boolean)[] {
  const { byHand, oneOf, tried } = containerFields[name] as Field;
  return oneOf ?? tried ?? (typeof byHand === 'boolean' ? [false, true] : []);
}

/** What `pick` finds in the table for each of these fields. */
function each<F extends ContainerField, T>(names: readonly F[], pick: (name: F) => unknown): T {
  return Object.fromEntries(names.map(name => [name, pick(name)])) as T;
}

/** What a service is that declares nothing else: the defaults of profile.yaml. */
export const plainFields: DeclaredFields = each(declaredNames, name => (containerFields[name] as Field).declared);

/** What a container is made of that somebody runs with podman. */
export const fieldsByHand: Omit<ContainerFields, 'name'> = each(
  fieldNames.filter(name => name !== 'name'),
  name => containerFields[name].byHand,
);

/** What a copy of a container loses that a hand makes with podman. */
export const lostInCopies: Partial<ContainerFields> = each(
  fieldNames.filter(name => 'isLostInCopies' in containerFields[name]),
  name => containerFields[name].byHand,
);

// Asked millions of times by an exploration: written out, since a loop over names takes six times as long. The compiler
// says where a field is missing in the first two, and container-fields.test.ts in the others.

/** The fields of a container, and nothing else of it. */
export const fieldsOf = (container: ContainerFields): ContainerFields => ({
  name: container.name,
  image: container.image,
  tag: container.tag,
  greeting: container.greeting,
  marker: container.marker,
  unit: container.unit,
  autoUpdate: container.autoUpdate,
  restart: container.restart,
  settings: container.settings,
  effect: container.effect,
});

/** What is declared of a service under these names, and nothing else of it. */
export const declaredOf = (service: DeclaredFields): DeclaredFields => ({
  tag: service.tag,
  greeting: service.greeting,
  autoUpdate: service.autoUpdate,
  restart: service.restart,
  settings: service.settings,
  effect: service.effect,
});

/**
 * Something, given the fields of a container: the very object, since V8 gives each `{ ...fields, more }` a layout of its own, and
 * what reads many containers is fast only where all are laid out alike.
 */
export function withFields<T extends object>(own: T, from: ContainerFields): T & Writable<ContainerFields> {
  const all = own as T & Writable<ContainerFields>;
  all.name = from.name;
  all.image = from.image;
  all.tag = from.tag;
  all.greeting = from.greeting;
  all.marker = from.marker;
  all.unit = from.unit;
  all.autoUpdate = from.autoUpdate;
  all.restart = from.restart;
  all.settings = from.settings;
  all.effect = from.effect;
  return all;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The fields of a container that is made as a service declares it. */
export const madeOf = (service: DeclaredFields, more: Omit<ContainerFields, DeclaredField>): ContainerFields =>
  Object.assign(declaredOf(service), more);

/** Whether two containers are the same in every field but the tag and the effect, which have rules of their own (observation.ts). */
export const sameFields = (one: ContainerFields, other: ContainerFields): boolean =>
  one.name === other.name &&
  one.image === other.image &&
  one.greeting === other.greeting &&
  one.marker === other.marker &&
  one.unit === other.unit &&
  one.autoUpdate === other.autoUpdate &&
  one.restart === other.restart &&
  one.settings === other.settings;
