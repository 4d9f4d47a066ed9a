import { type Document, isCollection, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import { Problem } from './problem.ts';

/** A YAML file that was read: its value, and the line of each of its parts. */
export interface Yaml {
  readonly value: unknown;
  /** `file:line` of the deepest part of a path that exists. */
  at(path: readonly PropertyKey[]): string;
  /** The value at a path. */
  found(path: readonly PropertyKey[]): unknown;
}

/** The page that describes the keys of most files that are read here. */
const profilesPage = 'docs/profiles.md';

/** Deepest nesting: a profile needs eight levels. */
const deepest = 50;
/** What differs between the files that are read here. */
export interface YamlRules {
  /** Most uses of aliases: a file with more is an attack on the parser, and no convenience. */
  readonly mostAliases: number;
  /** Whether it is a compose file, with merge keys and tags of its own. */
  readonly isCompose: boolean;
}

const usualRules: YamlRules = { mostAliases: 100, isCompose: false };
const muchWords = (most: number): string => `at most ${most} aliases, those within aliases counted`;

/**
 * Reads the text of a YAML 1.2 file, whose keys a page of docs/ describes.
 * @throws Problem with file and line for whatever cannot be read, or would not end
 */
export function readYaml(text: string, file: string, page = profilesPage, rules: YamlRules = usualRules): Yaml {
  const lines = new LineCounter();
  const at = (offset: number): string => `${file}:${lines.linePos(offset).line}`;
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: rules.isCompose });
    const wrong = document.errors[0] ?? (rules.isCompose ? undefined : document.warnings[0]);
    if (wrong !== undefined) throw refused('YAML', wrong.message, at(wrong.pos[0]), page);
    mustEnd(document, at, page, rules);
    const value = plainOf(document, at, page, rules);
    const offset = (path: readonly PropertyKey[]) => offsetOf(path, document);
    return { value, at: path => at(offset(path)), found: path => document.getIn(path) };
  } catch (error) {
    if (error instanceof Problem) throw error;
    // The library throws these for too many uses of aliases, and for too deep a nesting.
    const found = error instanceof RangeError ? 'something nested too deep' : (error as Error).message;
    throw refused('YAML that can be read', found, `${file}:1`, page);
  }
}

/** The document as a plain value. */
function plainOf(
  document: Document,
  at: (offset: number) => string,
  page: string,
  { mostAliases }: YamlRules,
): unknown {
  try {
    return document.toJS({ maxAliasCount: mostAliases });
  } catch {
    // If every alias has its anchor, the library throws only for this: aliases of aliases, which multiply.
    let first = 0;
    visit(document, {
      Alias(_, node) {
        first = node.range?.[0] ?? 0;
        return visit.BREAK;
      },
    });
    throw refused(muchWords(mostAliases), 'more', at(first), page);
  }
}

/** With an alias a YAML file can refer to nothing, to itself, or to more than it seems to contain. */
function mustEnd(
  document: Document,
  at: (offset: number) => string,
  page: string,
  { mostAliases, isCompose }: YamlRules,
): void {
  let aliases = 0;
  const wrong = (expected: string, found: string, where: string): Problem => refused(expected, found, where, page);
  visit(document, {
    Node(_, node, path) {
      if (path.filter(isCollection).length > deepest)
        throw wrong(`at most ${deepest} levels`, 'more', at(node.range?.[0] ?? 0));
    },
    Alias(_, node, path) {
      const where = at(node.range?.[0] ?? 0);
      const target = node.resolve(document);
      const quoted = `where it is no alias, quote it: "*${node.source}"`;
      if (target === undefined)
        throw wrong(`an anchor &${node.source} before it (${quoted})`, `*${node.source}`, where);
      if (path.includes(target)) throw wrong('no alias within its own anchor', `*${node.source}`, where);
      if (++aliases > mostAliases) throw wrong(muchWords(mostAliases), 'more', where);
    },
    Pair(_, pair) {
      const isMerge = isScalar(pair.key) && pair.key.value === '<<' && pair.key.type === 'PLAIN';
      const start = isNode(pair.key) ? (pair.key.range?.[0] ?? 0) : 0;
      if (isScalar(pair.key) && pair.key.value === '__proto__') throw wrong('another key', '__proto__', at(start));
      if (isMerge && !isCompose) throw wrong('no merge key: YAML 1.2 has none', '<<', at(start));
    },
  });
}

function offsetOf(path: readonly PropertyKey[], document: Document): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const key of path) {
    const pair = isMap(node) ? node.items.find(item => String(item.key) === String(key)) : undefined;
    const item = isSeq(node) ? node.items[Number(key)] : undefined;
    node = pair ? pair.value : item;
    const start = pair?.key ?? item;
    if (isNode(start)) offset = start.range?.[0] ?? offset;
  }
  return offset;
}

/** A wrong line of the file; the page describes its keys. */
export const refused = (expected: string, found: string, where: string, page = profilesPage): Problem =>
  new Problem({ expected, found, where, next: `correct the line; ${page} describes each key` });
