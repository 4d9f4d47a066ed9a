import type { Declaration, StackDeclaration } from '../machine/declaration.ts';
import type { World } from '../world.ts';

/**
 * Names revisions by what they declare, because their numbers only tell one from another: a machine on which the same was
 * declared by another way is the same machine. Only between two that declare the same are the numbers compared.
 */
export interface Revisions {
  /** A revision of a stack. */
  ofStack(stack: string, revision: number): string;
  /** A revision of the whole declaration. */
  ofAll(revision: number): string;
  /** Whether the name of a revision depends only on what it declares. */
  readonly arePlain: boolean;
}

/** Writes a state, and names revisions. */
type Writing = (revisions: Revisions) => void;

/**
 * Writes a state with such names. Where nothing was declared twice, the content of a revision is its name; otherwise the state
 * is first gone through once, to see which of the equal revisions it mentions.
 */
export function withRevisions(world: World, write: Writing, rehearse: Writing): void {
  const plain = plainNames(world);
  if (!hasTwins(world)) {
    write(plain);
    return;
  }
  const spoken = new Map<string, Set<number>>();
  const noting = (kind: string, name: string, revision: number): string => {
    const key = `${kind} ${name}`;
    spoken.set(key, (spoken.get(key) ?? new Set()).add(revision));
    return name;
  };
  rehearse({
    arePlain: false,
    ofStack: (stack, revision) => noting(stack, plain.ofStack(stack, revision), revision),
    ofAll: revision => noting('', plain.ofAll(revision), revision),
  });
  const named = (kind: string, name: string, revision: number): string => {
    const twins = [...(spoken.get(`${kind} ${name}`) ?? [])];
    const older = twins.filter(other => other < revision).length;
    return older === 0 ? name : `${name} (${older} like it before)`;
  };
  write({
    arePlain: false,
    ofStack: (stack, revision) => named(stack, plain.ofStack(stack, revision), revision),
    ofAll: revision => named('', plain.ofAll(revision), revision),
  });
}

const plainNames = (world: World): Revisions => ({
  arePlain: true,
  ofStack(stack, revision) {
    const project = projectAt(world, stack, revision);
    return project === undefined ? `unknown ${revision}` : saysOfStack(project);
  },
  ofAll(revision) {
    const declaration = declarationAt(world, revision);
    return declaration === undefined ? `unknown ${revision}` : saysOfAll(declaration);
  },
});

function projectAt({ revisions, declared }: World, stack: string, revision: number): StackDeclaration | undefined {
  const project = revisions[stack]?.[revision];
  if (project !== undefined) return project;
  const wanted = declared.stacks[stack];
  return wanted?.revision === revision ? wanted : undefined;
}

function declarationAt({ generations, declared, installed }: World, revision: number): Declaration | undefined {
  if (installed.revision === revision) return installed;
  if (declared.revision === revision) return declared;
  return generations.find(generation => generation.revision === revision);
}

/** Whether two revisions of a stack, or of the whole declaration, declare the same. Most steps declare nothing. */
function hasTwins({ revisions, declared, generations, installed }: World): boolean {
  const known = answered.get(generations);
  if (known?.revisions === revisions && known.declared === declared && known.installed === installed) {
    return known.found;
  }
  const found = findTwins(revisions, declared, [...generations, declared, installed]);
  answered.set(generations, { revisions, declared, installed, found });
  return found;
}

interface Answer extends Pick<World, 'revisions' | 'declared' | 'installed'> {
  readonly found: boolean;
}

const answered = new WeakMap<World['generations'], Answer>();

function findTwins(revisions: World['revisions'], declared: Declaration, all: readonly Declaration[]): boolean {
  for (const stack in revisions) if (areTwins(revisions[stack] as Projects, declared.stacks[stack])) return true;
  const seen = new Map<string, number>();
  for (const declaration of all) {
    const says = saysOfAll(declaration);
    if ((seen.get(says) ?? declaration.revision) !== declaration.revision) return true;
    seen.set(says, declaration.revision);
  }
  return false;
}

type Projects = Readonly<Record<number, StackDeclaration>>;

function areTwins(projects: Projects, declared: StackDeclaration | undefined): boolean {
  const known = compared.get(projects);
  if (known !== undefined && known.declared === declared) return known.areTwins;
  const areTwins = isOneLikeAnother(projects, declared);
  compared.set(projects, { declared, areTwins });
  return areTwins;
}

/** Most steps change the revisions of one stack, or of none. */
const compared = new WeakMap<Projects, { declared: StackDeclaration | undefined; areTwins: boolean }>();

function isOneLikeAnother(projects: Projects, declared: StackDeclaration | undefined): boolean {
  const all = Object.values(projects);
  if (all.length < 2 && (declared === undefined || declared.revision in projects)) return false;
  const says = new Set(all.map(saysOfStack));
  return (
    says.size < all.length ||
    (declared !== undefined && !(declared.revision in projects) && says.has(saysOfStack(declared)))
  );
}

/** What is declared of a stack, without the number of its revision and the order of its services. */
function saysOfStack(project: StackDeclaration): string {
  let says = stacks.get(project);
  if (says === undefined) {
    const { services, secrets } = project;
    says = JSON.stringify([
      secrets,
      Object.keys(services)
        .sort()
        .map(name => [name, Object.entries(services[name] as object).sort(byName)]),
    ]);
    // Many declarations are equal: one string object for all of them is looked up by address, and not compared letter by
    // letter.
    says = one(says);
    stacks.set(project, says);
  }
  return says;
}

const byName = ([one]: [string, unknown], [other]: [string, unknown]): number => (one < other ? -1 : 1);

function saysOfAll(declaration: Declaration): string {
  let says = wholes.get(declaration);
  if (says === undefined) {
    const { stacks } = declaration;
    says = Object.keys(stacks)
      .sort()
      .map(name => `${name}: ${saysOfStack(stacks[name] as StackDeclaration)}`)
      .join('\n');
    says = one(says);
    wholes.set(declaration, says);
  }
  return says;
}

/** The one string object for all equal strings. */
function one(text: string): string {
  const known = texts.get(text);
  if (known !== undefined) return known;
  if (texts.size >= mostTexts) texts.clear();
  texts.set(text, text);
  return text;
}

const texts = new Map<string, string>();
const mostTexts = 100_000;

const stacks = new WeakMap<StackDeclaration, string>();
const wholes = new WeakMap<Declaration, string>();
