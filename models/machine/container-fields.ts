import { mayBeSame } from './builds.ts';

/**
 * Every field that a container is made of, once. Types, comparison, canonical text, the simulator's containers and the keys of
 * a service in profile.yaml are derived from this table. CONTRIBUTING.md says how to add a field.
 */
export const containerFields = {
  /** `stack/service` where the provider named it; otherwise the name that it was given by hand. */
  name: { byHand: '' },
  /** Which build of the image it runs (the image's label `stackfuzz.version`): v1, v2 …; what may be either is `v1|v2`. */
  image: { byHand: 'v1' },
  /**
   * Tag of the image `localhost:5000/probe`: `stable` moves, `v1`, `v2` … never do. `@v2` is not a tag but that build by its
   * digest, `broken` is a build that ends at once, `missing` a tag that was never pushed.
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
  /** The restart policy. A copy made by hand has none. */
  restart: { byHand: 'no', declared: 'no', oneOf: ['no', 'always', 'unless-stopped'], isLostInCopies: true },
  /** Which text of each env file of its stack's it was given, `web=1 web-extra=2`: the first, or the one that the secret was rotated to. */
  secretTexts: { byHand: '', isLostInCopies: true },
  /** What else an operator's own compose file declares of it, a line each (compose-project.ts); empty for a probe. */
  settings: { byHand: '', declared: '', isDerived: true, isLostInCopies: true },
  /**
   * The part of that which can be seen only while it runs: the text of its configs, published ports that answer. Compared only
   * then.
   */
  effect: { byHand: '', declared: '', isDerived: true, isLostInCopies: true },
} as const satisfies Readonly<Record<string, Field>>;

/** An entry of the table. */
export interface Field {
  /** The value in a container that somebody runs by hand with podman, without what compose would set. */
  readonly byHand: string | boolean;
  /** For a field that the operator declares of a service: the default in profile.yaml. */
  readonly declared?: string | boolean;
  /** All values that may be declared, where they are few. */
  readonly oneOf?: readonly string[];
  /** Of free text: the values that a search and the differential test try. */
  readonly tried?: readonly string[];
  /** It comes from an operator's own compose file, and is not a key of profile.yaml. */
  readonly isDerived?: true;
  /** It is lost when a container is made anew by hand (operation relabel-container). */
  readonly isLostInCopies?: true;
}

type Table = typeof containerFields;
type Shown<F extends Field> = F['byHand'] extends boolean ? boolean : string;
type Declarable<F extends Field> = F extends { readonly oneOf: readonly (infer T)[] } ? T : Shown<F>;

export type ContainerField = keyof Table;
export type DeclaredField = {
  [F in ContainerField]: Table[F] extends { readonly declared: unknown } ? F : never;
}[ContainerField];

/** The fields that profile.yaml has a key for. */
export type KeyField = {
  [F in DeclaredField]: Table[F] extends { readonly isDerived: true } ? never : F;
}[DeclaredField];

/** What a container is made of, for the observation, the model and the simulator alike. */
export type ContainerFields = { readonly [F in ContainerField]: Shown<Table[F]> };

/** The part that the operator declares for a service. */
export type DeclaredFields = { readonly [F in DeclaredField]: Declarable<Table[F]> };

/** Their names, in the order in which differences are reported. */
export const fieldNames = Object.keys(containerFields) as readonly ContainerField[];

export const declaredNames = fieldNames.filter(name => 'declared' in containerFields[name]) as readonly DeclaredField[];

/** Those that profile.yaml has a key for. */
export const keyNames = declaredNames.filter(name => !('isDerived' in containerFields[name])) as readonly KeyField[];

/** The values of a field that are tried. */
export function valuesOf(name: DeclaredField): readonly (string | boolean)[] {
  const { byHand, oneOf, tried } = containerFields[name] as Field;
  return oneOf ?? tried ?? (typeof byHand === 'boolean' ? [false, true] : []);
}

/** For each of these fields, what `pick` takes from its entry. */
function each<F extends ContainerField, T>(names: readonly F[], pick: (name: F) => unknown): T {
  return Object.fromEntries(names.map(name => [name, pick(name)])) as T;
}

/** A service with the defaults of profile.yaml. */
export const plainFields: DeclaredFields = each(declaredNames, name => (containerFields[name] as Field).declared);

/** The fields of a container that somebody runs by hand with podman. */
export const fieldsByHand: Omit<ContainerFields, 'name'> = each(
  fieldNames.filter(name => name !== 'name'),
  name => containerFields[name].byHand,
);

/** The fields that a copy made by hand with podman loses. */
export const lostInCopies: Partial<ContainerFields> = each(
  fieldNames.filter(name => 'isLostInCopies' in containerFields[name]),
  name => containerFields[name].byHand,
);

// Called millions of times by an exploration, so written out: a loop over names takes six times as long. The compiler reports a
// missing field in the first two, and container-fields.test.ts in the others.

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
  secretTexts: container.secretTexts,
  settings: container.settings,
  effect: container.effect,
});

/** The declared fields of a service, and nothing else of it. */
export const declaredOf = (service: DeclaredFields): DeclaredFields => ({
  tag: service.tag,
  greeting: service.greeting,
  autoUpdate: service.autoUpdate,
  restart: service.restart,
  settings: service.settings,
  effect: service.effect,
});

/**
 * Writes the fields of a container into an object and returns that object. V8 gives each `{ ...fields, more }` its own memory
 * layout, and code that reads many containers is fast only where all have the same one.
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
  all.secretTexts = from.secretTexts;
  all.settings = from.settings;
  all.effect = from.effect;
  return all;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The fields of a container that is made as its service is declared. */
export const madeOf = (service: DeclaredFields, more: Omit<ContainerFields, DeclaredField>): ContainerFields =>
  Object.assign(declaredOf(service), more);

/**
 * Whether two containers are the same, as far as is known, in every field but the tag and the effect, which have rules of their own
 * (observation.ts).
 */
export const sameFields = (one: ContainerFields, other: ContainerFields): boolean =>
  one.name === other.name &&
  (one.image === other.image || mayBeSame(one.image, other.image)) &&
  one.greeting === other.greeting &&
  one.marker === other.marker &&
  one.unit === other.unit &&
  one.autoUpdate === other.autoUpdate &&
  one.restart === other.restart &&
  sameTexts(one.secretTexts, other.secretTexts) &&
  one.settings === other.settings;

/** Whether two containers were given the same text of each secret that both were given; which ones a stack needs is no matter here. */
export function sameTexts(one: string, other: string): boolean {
  if (one === other) return true;
  const given = new Map(other.split(' ').map(text => text.split('=', 2) as [string, string]));
  return one.split(' ').every(text => {
    const [name = '', is] = text.split('=', 2);
    const has = given.get(name);
    return has === undefined || has === is;
  });
}
