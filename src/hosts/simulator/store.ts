import type { Declaration, StackDeclaration } from '../../../models/machine/declaration.ts';
import { unitOf } from '../../../models/machine/search-path.ts';
import type { OnDisk, UnitDefinition } from '../../../models/observation.ts';

/** What a file of the search path says, as far as any program here reads it. */
export type Text =
  | UnitText
  | { readonly kind: 'drop-in'; readonly marker: string }
  /** What `systemctl set-property` writes: nothing that tells one definition from another. */
  | { readonly kind: 'property' }
  | { readonly kind: 'empty' };

/** A whole unit. It names its compose file by store path, so an older unit runs its own older project. */
export interface UnitText {
  readonly kind: 'unit';
  readonly stack: string;
  readonly revision: number;
  readonly marker: string;
  readonly project: StackDeclaration;
}

/** A text with the time at which it was written; 0 in the Nix store (facts.md F12). */
export interface File {
  readonly text: Text;
  readonly mtime: number;
  /** Its ctime, for one that hands keep outside of the search path: the version of the disk that wrote it. */
  readonly since?: number;
}

/** What a rebuild adds to the Nix store: one store path, so the same declaration is the same object. */
export interface Generation {
  readonly revision: number;
  /** What a link into it shows, and which unit it installs, by unit name. */
  readonly files: ReadonlyMap<string, File>;
  /** What a link to one of its files shows. */
  readonly shown: ReadonlyMap<string, OnDisk>;
}

/** The Nix store: content-addressed, so whatever is added twice is there once. */
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

/** Whether a text says nothing of markers or revisions. */
export const isPlain = (text: Text): text is Extract<Text, { kind: 'property' | 'empty' }> =>
  text.kind === 'property' || text.kind === 'empty';

/** The text with every STACK_MARKER in it replaced. */
export function marked(text: Text, marker: string): Text {
  return isPlain(text) || text.marker === marker ? text : { ...text, marker };
}

/** What tells the text from another, to an observer. */
export function definitionIn(text: Text): UnitDefinition | null {
  if (isPlain(text)) return null;
  return { revision: text.kind === 'unit' ? text.revision : null, marker: text.marker };
}
