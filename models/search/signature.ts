import { newService, newStack } from '../machine/additions.ts';
import { fieldNames } from '../machine/container-fields.ts';
import { searchPath, type UnitDirectory } from '../machine/search-path.ts';
import type { Done, Step } from '../operation.ts';
import type { Role } from '../role.ts';
import type { World } from '../world.ts';

/**
 * A sentence with the names of stacks and services, versions, revisions and numbers taken out, and of a directory of
 * the search path only whether it is stronger or weaker than the owner's: two findings that differ by nothing else are
 * the same finding. Nor do those differ that tell of one lie in words that happen to name another detail of it.
 */
export function shape(sentence: string, world: World, last?: Done): string {
  const { stacks, services } = namesIn(world);
  const [told, reason] = split(sentence);
  const text = shapeOf(byRole(told, last), world, stacks, services);
  return reason === null ? text : lie(`${text}${because}${shapeOfReason(reason, stacks, services)}`);
}

/** The same without the reason that another program gave; null where the sentence gives none. */
export function gist(sentence: string, world: World, last?: Done): string | null {
  const [told, reason] = split(sentence);
  return reason === null ? null : shape(told, world, last);
}

/** What stands between that something failed, and the reason that it gave. */
export const because = ', and nothing stands in its way: ';

function split(sentence: string): readonly [told: string, reason: string | null] {
  const at = sentence.indexOf(because);
  return at < 0 ? [sentence, null] : [sentence.slice(0, at), sentence.slice(at + because.length)];
}

/** What another program said, with all taken out that differs from one machine or one run to the next. */
export function shapeOfReason(
  reason: string,
  stacks: readonly string[] = [newStack],
  services: readonly string[] = [newService],
): string {
  return (
    reason
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
      .replace(/\u001b\[[0-9;]*m/g, '')
      .replace(/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| ?[+-]\d\d:?\d\d(?: UTC)?)?/g, 'TIME')
      .replace(/\bsha256:[0-9a-f]+/g, 'DIGEST')
      .replace(/"[0-9a-f]{12,}"|\b(?=[0-9a-f]*\d)[0-9a-f]{12,}\b/g, 'ID')
      // host:port/name, with a tag or a digest
      .replace(/(?:\b[a-z]+:\/\/)?\b[\w.-]+:\d+\/[\w./-]+(?::[\w.-]+)?(?:@\w+)?/g, 'IMAGE')
      .replace(/(?<![\w.:/])(?:~|%t)?\/[^\s'"`,:;()[\]{}]+/g, 'PATH')
      // Both providers' names of containers.
      .replace(new RegExp(`\\b(${stacks.join('|')})[-_](${services.join('|')})2?[-_]\\d+\\b`, 'g'), 'CONTAINER')
      .replace(word(stacks, '(?=-stack\\b|/|\\b)'), 'STACK')
      .replace(word(services, '2?\\b'), 'SERVICE')
      .replace(/\bv\d+\b/g, 'VERSION')
      .replace(/\b\d+(?:\.\d+)*(?:ns|[uµm]?s|m|h)?\b/g, 'N')
  );
}

function shapeOf(sentence: string, world: World, stacks: readonly string[], services: readonly string[]): string {
  const told = withRanks(sentence, world.setup.owner)
    .replace(/~\/secrets\/\S+\.env/, 'SECRET')
    .replace(/no image \S+ for/, 'no image TAG for')
    // What compose makes for a stack besides its containers: `network web_default`, `pod pod_web`.
    .replace(word(stacks, '(?=_default\\b)'), 'STACK')
    .replace(new RegExp(`\\bpod_(?:${stacks.join('|')})\\b`, 'g'), 'pod_STACK')
    .replace(word(stacks, '(?=-stack\\b|/|\\b)'), 'STACK')
    .replace(word(services, '2?\\b'), 'SERVICE')
    .replace(/\bv\d+\b/g, 'VERSION')
    .replace(/\((?:declared|edited|foreign|shadow|drop-in)\)/g, '(MARKER)')
    .replace(/\b\d+\b/g, 'N');
  return lie(told);
}

const lie = (told: string): string => sameLie.reduce((text, [words, instead]) => text.replace(words, instead), told);

/** A name has a rule of its own below, and the label of the unit a promise of its own. */
const madeAsDeclared = fieldNames.filter(field => field !== 'name' && field !== 'unit');

/** What one lie is told of in several ways. */
const sameLie: readonly (readonly [words: RegExp, instead: string])[] = [
  // Every directory adds to a unit, and every kind of drop-in does.
  [/\b(?:OWNER|STRONGER|WEAKER)\/\S+\.d\/\S+\.conf\b/g, 'DROP-IN'],
  // Which of the files in the search path is the first to show it says nothing.
  [/^(\S+ failed, yet) (?:OWNER|STRONGER|WEAKER)\/\S+ is .*/, '$1 a unit file is not as it was'],
  [/default\.target\.wants\/\S+ is .*, and not what/, 'default.target.wants/STACK-stack.service is not what'],
  [/a link to (?!\/dev\/null)\S+, not nothing$/, 'a link, not nothing'],
  [/ is a link to (?!\/dev\/null)\S+, not the link/, ' is a link elsewhere, not the link'],
  // A stack that is gone, and a file that still defines it, wherever it stands.
  [
    / is loaded from (?:OWNER|STRONGER|WEAKER)\/\S+, not from nothing at all$/,
    ' is loaded from a file, not from nothing at all',
  ],
  // Nobody gives a container its name back.
  [/^\S+ (claims success, but container \S+ has name) .*/, 'COMMAND $1 another'],
  [/ runs \S+, the disk has \S+, and/, ' runs another file than the disk has, and'],
  // What failed is the same start, whoever asked for it.
  [/^\S+ failed because of \S+, and/, 'START failed because of an env file, and'],
  // Neither is well.
  [/ claims success, and (container \S+) is (?:unhealthy|starting)$/, ' claims success, and $1 is not healthy'],
  // Podman has lost hold of it, whether the payload lives on or not.
  [/\b(?:dead|unwatched)\b/g, 'lost'],
  [/^(?:.*: )?container (\S+) is \S+, and nothing declares it$/, 'container $1 is there, and nothing declares it'],
  [/-stack\.service is (?:failed|inactive), not active$/, '-stack.service is not active'],
  // What a container was made of is one thing: what is older in it shows in this field or in that.
  [new RegExp(` has (?:${madeAsDeclared.join('|')}) \\S*, not \\S*$`), ' is not made as declared'],
];

/** Operations of these roles break the same promises in the same way, whatever they are called. */
const wordOf: Partial<Record<Role, string>> = {
  rebuild: 'REBUILD',
  rollback: 'REBUILD',
  update: 'UPDATE',
  'update-check': 'UPDATE',
  start: 'START',
};

/** A sentence that begins with the name of what was done last begins with its role's word instead. */
function byRole(sentence: string, last: Done | undefined): string {
  // An update beside which somebody rebuilds fails as any other does.
  const word = last && wordOf[last.claim?.failed ?? last.role];
  const name = `${last?.step.operation} `;
  return word !== undefined && sentence.startsWith(name) ? `${word} ${sentence.slice(name.length)}` : sentence;
}

/** The directories of the search path by their rank beside the owner's. */
function withRanks(sentence: string, owner: UnitDirectory): string {
  const rank = searchPath.indexOf(owner);
  return searchPath.reduce((text, directory, index) => {
    const word = index === rank ? 'OWNER' : index < rank ? 'STRONGER' : 'WEAKER';
    return text.replaceAll(`${directory}/`, `${word}/`);
  }, sentence);
}

function word(names: readonly string[], tail: string): RegExp {
  return new RegExp(`\\b(?:${names.join('|')})${tail}`, 'g');
}

const known = new WeakMap<object, { stacks: string[]; services: string[] }>();

/** Names of the first declaration: later ones only add a digit to a service. */
function namesIn(world: World): { stacks: string[]; services: string[] } {
  const { declaration } = world.setup;
  let names = known.get(declaration);
  if (names === undefined) {
    const stacks = [...Object.keys(declaration.stacks), newStack];
    const first = Object.values(declaration.stacks).flatMap(stack => Object.keys(stack.services));
    const services = [...first, newService];
    names = { stacks, services };
    known.set(declaration, names);
  }
  return names;
}

/** The same steps with stacks and their services swapped for one another; the shrinker tries them. */
export function renamed(steps: readonly Step[], world: World): readonly (readonly Step[])[] {
  const { stacks } = world.setup.declaration;
  const [simplest] = Object.keys(stacks);
  if (simplest === undefined) return [];
  const used = new Set(steps.map(step => step.args.stack).filter(stack => typeof stack === 'string'));
  if (used.size !== 1 || used.has(simplest)) return [];
  const [service] = Object.keys(stacks[simplest]?.services ?? {});
  const moved = steps.map(({ operation, args }) => ({
    operation,
    args: {
      ...args,
      ...(typeof args.stack === 'string' && { stack: simplest }),
      ...(typeof args.service === 'string' && service !== undefined && { service }),
    },
  }));
  return [moved];
}
