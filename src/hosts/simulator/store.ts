import type { Declaration, StackDeclaration } from '../../../models/machine/declaration.ts';
import { unitOf } from '../../../models/machine/search-path.ts';
import type { OnDisk, UnitDefinition } from '../../../models/observation.ts';

/** The content of a file of the search path, as far as any program here reads it. */
export type Text =
  | UnitText
  | { readonly kind: 'drop-in'; readonly marker: string }
  /** What `systemctl set-property` writes; it does not change which definition a unit has. */
  | { readonly kind: 'property' }
  | { readonly kind: 'empty' };

/** A whole unit. It names its compose file by store path, so that an older unit runs its own older project. */
export interface UnitText {
  readonly kind: 'unit';
  readonly stack: string;
  readonly revision: number;
  readonly marker: string;
  readonly project: StackDeclaration;
}

/** A text, and the time at which it was written; 0 in the Nix store (facts.md F12). */
export interface File {
  readonly text: Text;
  readonly mtime: number;
  /** Its ctime, for a file that is kept outside of the search path: the version of the disk at which it was written. */
  readonly since?: number;
}

/** What a rebuild adds to the Nix store. The same declaration has the same store path: it is the same object. */
export interface Generation {
  readonly revision: number;
  /** The content of each unit file, by unit name. */
  readonly files: ReadonlyMap<string, File>;
  /** What a link to one of its files shows. */
  readonly shown: ReadonlyMap<string, OnDisk>;
}

/** The Nix store. It is addressed by content: what is added twice is in it once. */
export interface Store {
  readonly generations: Map<string, Generation>;
  readonly units: Map<string, File>;
  readonly known: WeakMap<Declaration, Generation>;
}

export const newStore = (): Store => ({ generations: new Map(), units: new Map(), known: new WeakMap() });

/** Adds a declaration to the store as a generation. */
export function stored(store: Store, declaration: Declaration): Generation {
  const before = store.known.get(declaration);
  if (before !== undefined) return before;
  const key = JSON.stringify(declaration);
  const generation = store.generations.get(key) ?? added(store, key, declaration);
  store.known.set(declaration, generation);
  return generation;
}

function added(store: Store, key: string, declaration: Declaration): Generation {
  const files = new Map<string, File>();
  for (const stack of Object.keys(declaration.stacks).sort()) {
    const project = declaration.stacks[stack] as StackDeclaration;
    files.set(unitOf(stack), storedUnit(store, stack, project));
  }
  const { revision } = declaration;
  const shown = new Map<string, OnDisk>();
  for (const [unit, { text }] of files)
    shown.set(unit, { kind: 'generation', revision, definition: definitionIn(text) });
  const generation = { revision, files, shown };
  store.generations.set(key, generation);
  return generation;
}

function storedUnit(store: Store, stack: string, project: StackDeclaration): File {
  const key = `${stack} ${JSON.stringify(project)}`;
  let file = store.units.get(key);
  if (file === undefined) {
    file = { text: { kind: 'unit', stack, revision: project.revision, marker: 'declared', project }, mtime: 0 };
    store.units.set(key, file);
  }
  return file;
}

/** Whether two files hold the same bytes (`cmp -s`). */
export function sameText(one: Text, other: Text): boolean {
  if (one === other) return true;
  if (isPlain(one) || isPlain(other)) return one.kind === other.kind;
  if (one.kind === 'drop-in' || other.kind === 'drop-in') return one.kind === other.kind && one.marker === other.marker;
  return (
    one.stack === other.stack &&
    one.marker === other.marker &&
    (one.project === other.project || JSON.stringify(one.project) === JSON.stringify(other.project))
  );
}

/** Whether a text contains neither marker nor revision. */
export const isPlain = (text: Text): text is Extract<Text, { kind: 'property' | 'empty' }> =>
  text.kind === 'property' || text.kind === 'empty';

/** The text with every STACK_MARKER in it replaced. */
export function marked(text: Text, marker: string): Text {
  return isPlain(text) || text.marker === marker ? text : { ...text, marker };
}

/** What an observer sees of the text that tells it from another. */
export function definitionIn(text: Text): UnitDefinition | null {
  if (isPlain(text)) return null;
  return { revision: text.kind === 'unit' ? text.revision : null, marker: text.marker };
}
