import { newProject, newService, newStack } from '../machine/additions.ts';
import { fieldNames } from '../machine/container-fields.ts';
import { ownQuadlets, quadletPath } from '../machine/quadlets.ts';
import { searchPathOf, type UnitDirectory } from '../machine/search-path.ts';
import { lineKinds } from '../machine/setting-lines.ts';
import type { Done, Step } from '../operation.ts';
import type { Role } from '../role.ts';
import type { World } from '../world.ts';

/**
 * A sentence without the names of stacks and services, versions, revisions and numbers; a directory of the search path becomes
 * "stronger" or "weaker" than the owner's. Two findings that differ only in these are the same finding. So are two that report
 * one lie and name different details of it.
 */
export function shape(sentence: string, world: World, last?: Done): string {
  const { stacks, services } = namesIn(world);
  const [what, reason] = split(sentence);
  const text = shapeOf(byRole(what, last), world, stacks, services);
  return reason === null ? text : lie(`${text}${because}${shapeOfReason(reason, stacks, services)}`);
}

/** The same without the reason given by another program; null where the sentence has none. */
export function gist(sentence: string, world: World, last?: Done): string | null {
  const [what, reason] = split(sentence);
  return reason === null ? null : shape(what, world, last);
}

/** The text between "failed" and the reason. */
export const because = ', and nothing stands in its way: ';

function split(sentence: string): readonly [what: string, reason: string | null] {
  const at = sentence.indexOf(because);
  return at < 0 ? [sentence, null] : [sentence.slice(0, at), sentence.slice(at + because.length)];
}

/** The output of another program, without what differs from one machine or run to the next. */
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
      .replace(new RegExp(`\\b(${anyOf(stacks)})[-_](${anyOf(services)})2?[-_]\\d+\\b`, 'g'), 'CONTAINER')
      .replace(word(stacks, '(?=-stack\\b|/|\\b)'), 'STACK')
      .replace(word(services, '2?\\b'), 'SERVICE')
      .replace(/\bv\d+\b/g, 'VERSION')
      .replace(/\b\d+(?:\.\d+)*(?:ns|[uµm]?s|m|h)?\b/g, 'N')
  );
}

function shapeOf(sentence: string, world: World, stacks: readonly string[], services: readonly string[]): string {
  const what = withRanks(sentence, world.setup.owner)
    .replace(/~\/secrets\/\S+\.env/, 'SECRET')
    .replace(/no image \S+ for/, 'no image TAG for')
    // A service may be called as its stack, or begin as it does.
    .replace(new RegExp(`\\b(?:${anyOf(stacks)})/(?:${anyOf(services)})2?(?![\\w.-])`, 'g'), 'STACK/SERVICE')
    // What compose makes for a stack besides its containers: `network web_default`, `volume web_data`, `pod pod_web`.
    .replace(word(stacks, '(?=_\\w)'), 'STACK')
    .replace(new RegExp(`\\bpod_(?:${anyOf(stacks)})\\b`, 'g'), 'pod_STACK')
    .replace(word(stacks, '(?=-stack\\b|/|\\b)'), 'STACK')
    .replace(word(services, '2?\\b'), 'SERVICE')
    .replace(/\bv\d+\b/g, 'VERSION')
    .replace(/\((?:declared|edited|foreign|shadow|drop-in)\)/g, '(MARKER)')
    .replace(/\b\d+\b/g, 'N');
  return lie(what);
}

const lie = (what: string): string => sameLie.reduce((text, [words, instead]) => text.replace(words, instead), what);

/** A name has its own rule below, and the label of the unit its own promise. */
const madeAsDeclared = fieldNames.filter(field => field !== 'name' && field !== 'unit');

/** Different sentences that report one lie. */
const sameLie: readonly (readonly [words: RegExp, instead: string])[] = [
  // Every directory adds to a unit, and every kind of drop-in does.
  [/\b(?:OWNER|STRONGER|WEAKER)\/\S+\.d\/\S+\.conf\b/g, 'DROP-IN'],
  // Which file of the search path shows it first does not matter.
  [/^(\S+ failed, yet) (?:OWNER|STRONGER|WEAKER)\/\S+ is .*/, '$1 a unit file is not as it was'],
  [
    /(?:default|multi-user)\.target\.wants\/\S+ is .*, and not what/,
    'default.target.wants/STACK-stack.service is not what',
  ],
  [/basic\.target\.wants\/\S+ is .*, and not what/, 'basic.target.wants/STACK-stack.service is not what'],
  [/^\S+\/default\.target is .*?: with/, 'default.target cannot be loaded: with'],
  [/a link to (?!\/dev\/null)\S+, not nothing$/, 'a link, not nothing'],
  [/ is a link to (?!\/dev\/null)\S+, not the link/, ' is a link elsewhere, not the link'],
  // A stack that is gone, and a file that still defines it, in any directory.
  [
    / is loaded from (?:OWNER|STRONGER|WEAKER)\/\S+, not from nothing at all$/,
    ' is loaded from a file, not from nothing at all',
  ],
  // A container never gets its name back.
  [/^\S+ (claims success, but container \S+ has name) .*/, 'COMMAND $1 another'],
  [/ runs \S+, the disk has \S+, and/, ' runs another file than the disk has, and'],
  // The failed start is the same, whichever command asked for it.
  [/^\S+ failed because of \S+, and/, 'START failed because of an env file, and'],
  // Neither is healthy.
  [/ claims success, and (container \S+) is (?:unhealthy|starting)$/, ' claims success, and $1 is not healthy'],
  // Podman no longer controls it, whether the payload still runs or not.
  [/\b(?:dead|unwatched)\b/g, 'lost'],
  [/^(?:.*: )?container (\S+) is \S+, and nothing declares it$/, 'container $1 is there, and nothing declares it'],
  [/-stack\.service is (?:failed|inactive), not active$/, '-stack.service is not active'],
  // Which variable, port or network is not as declared says less than that one is not.
  [
    new RegExp(` has (?:no )?(${lineKinds.join('|')}) .*?(?: on a fresh machine)?$`),
    ' has another $1 than is declared',
  ],
  [/ (?:does not answer|answers) on port .*$/, ' does not answer as is declared'],
  // What a program tells the journal differs from one run to the next.
  [/ the journal has an error of (\S+): .*$/s, ' the journal has an error of $1'],
  // How much is too much is one thing.
  [/ has written \S+ MiB /, ' has written much '],
  // Nor does the name of what is left.
  [/^(network|volume) STACK_(?!default )\S+ (belongs to nothing|is gone|is another one)/, '$1 STACK_NAME $2'],
  // What a container was made of is one thing: an old value shows in one field or another.
  [new RegExp(` has (?:${madeAsDeclared.join('|')}) \\S*, not \\S*$`), ' is not made as declared'],
];

/** Operations of these roles break the same promises in the same way; their names do not matter. */
const wordOf: Partial<Record<Role, string>> = {
  rebuild: 'REBUILD',
  rollback: 'REBUILD',
  update: 'UPDATE',
  'update-check': 'UPDATE',
  start: 'START',
  boot: 'BOOT',
};

/** A sentence that begins with the name of the last operation begins with the word of its role instead. */
function byRole(sentence: string, last: Done | undefined): string {
  // An update during a rebuild fails as any other update.
  const word = last && wordOf[last.claim?.failed ?? last.role];
  const name = `${last?.step.operation} `;
  return word !== undefined && sentence.startsWith(name) ? `${word} ${sentence.slice(name.length)}` : sentence;
}

/** The directories of both search paths, of units and of quadlet files, by whether they are stronger or weaker than the owner's. */
function withRanks(sentence: string, owner: UnitDirectory): string {
  return ranked(ranked(sentence, searchPathOf(owner), owner), quadletPath, ownQuadlets);
}

function ranked<D extends string>(sentence: string, searchPath: readonly D[], owner: D): string {
  const rank = searchPath.indexOf(owner);
  return searchPath.reduce((text, directory, index) => {
    const word = index === rank ? 'OWNER' : index < rank ? 'STRONGER' : 'WEAKER';
    return text.replaceAll(`${directory}/`, `${word}/`);
  }, sentence);
}

function word(names: readonly string[], tail: string): RegExp {
  return new RegExp(`\\b(?:${anyOf(names)})${tail}`, 'g');
}

/** Any of these names, of which one may be the beginning of another, and may hold dots and hyphens. */
const anyOf = (names: readonly string[]): string =>
  [...names]
    .sort((one, other) => other.length - one.length)
    .map(name => name.replaceAll('.', '\\.'))
    .join('|');

const known = new WeakMap<object, { stacks: string[]; services: string[] }>();

/** Names of the first declaration; later names only add a digit to a service. */
function namesIn(world: World): { stacks: string[]; services: string[] } {
  const { declaration } = world.setup;
  let names = known.get(declaration);
  if (names === undefined) {
    const stacks = [...Object.keys(declaration.stacks), newStack];
    const first = Object.values(declaration.stacks).flatMap(({ services, project }) => [
      ...new Set([...Object.keys(services), ...Object.keys(project?.services ?? {})]),
    ]);
    const services = [...first, newService, ...Object.keys(newProject.services)];
    names = { stacks, services };
    known.set(declaration, names);
  }
  return names;
}

/** The same steps with stacks and their services exchanged; the shrinker tries them. */
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
