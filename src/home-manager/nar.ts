/** Bytes that are read once, from the beginning. */
export interface Source {
  /** The next so many bytes. @throws NarFault if there are fewer */
  take(bytes: number): Buffer;
}

/** What is at a path of the store. */
export type StoreNode =
  | { readonly kind: 'file'; readonly executable: boolean; readonly text: string | null }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'directory'; readonly entries: ReadonlyMap<string, StoreNode> };

/** What is wrong with an archive; the caller adds where. */
export class NarFault extends Error {
  readonly expected: string;
  readonly found: string;
  constructor(expected: string, found: string) {
    super(`expected ${expected}, found ${found}`);
    this.expected = expected;
    this.found = found;
  }
}

/** Longest text of a file that is kept, in bytes: units, scripts and compose files are shorter. */
const longestText = 262_144;
/** How much of a long file is skipped at a time, in bytes. */
const piece = 1_048_576;
/** Deepest folder in a folder: a path on Linux cannot be longer. */
const deepest = 200;
/** Longest name and longest target of a link on Linux. */
const longestName = 255;
const longestTarget = 4_095;

/** Names of files whose text is kept, whatever its first bytes are. */
const kept = /\.(?:service|ya?ml|env|conf)$|^(?:activate|hm-version|gen-version|\.env)$/;

/** A number of 64 bits that must fit into a JavaScript number. */
export function numberIn(source: Source): number {
  const value = source.take(8).readBigUInt64LE();
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new NarFault('a number of bytes', String(value));
  return Number(value);
}

/** A text with its length before it, padded with zeros to a multiple of eight bytes. */
export function textIn(source: Source, most: number): string {
  const length = numberIn(source);
  if (length > most) throw new NarFault(`a text of at most ${most} bytes`, `one of ${length}`);
  const bytes = source.take(length);
  fillerIn(source, length);
  const text = bytes.toString('utf8');
  if (!Buffer.from(text).equals(bytes) || text.includes('\0')) throw new NarFault('text in UTF-8', 'other bytes');
  return text;
}

function fillerIn(source: Source, length: number): void {
  const filler = source.take((8 - (length % 8)) % 8);
  if (filler.some(byte => byte !== 0)) throw new NarFault('zeros after a text', 'other bytes');
}

/**
 * Reads a whole archive of Nix's (NAR), and returns its content. Nothing is written.
 * @throws NarFault if it is none, or has a name that leads out of its folder
 */
export function narIn(source: Source): StoreNode {
  word(source, 'nix-archive-1');
  return nodeIn(source, '', 0);
}

const token = (source: Source): string => textIn(source, 64);

function word(source: Source, expected: string): void {
  const found = token(source);
  if (found !== expected) throw new NarFault(`"${expected}" of a Nix archive`, JSON.stringify(found));
}

function nodeIn(source: Source, name: string, depth: number): StoreNode {
  if (depth > deepest) throw new NarFault(`at most ${deepest} folders in one another`, 'more');
  word(source, '(');
  word(source, 'type');
  const type = token(source);
  if (type === 'regular') return fileIn(source, name);
  if (type === 'directory') return directoryIn(source, depth);
  if (type !== 'symlink') throw new NarFault('a file, a link or a folder', JSON.stringify(type));
  word(source, 'target');
  const target = textIn(source, longestTarget);
  word(source, ')');
  return { kind: 'link', target };
}

function fileIn(source: Source, name: string): StoreNode {
  let executable = false;
  let next = token(source);
  if (next === 'executable') {
    executable = true;
    word(source, '');
    next = token(source);
  }
  if (next === ')') return { kind: 'file', executable, text: '' };
  if (next !== 'contents') throw new NarFault('the contents of a file', JSON.stringify(next));
  const text = contentsIn(source, name);
  word(source, ')');
  return { kind: 'file', executable, text };
}

function contentsIn(source: Source, name: string): string | null {
  const length = numberIn(source);
  if (length <= longestText) {
    const bytes = source.take(length);
    fillerIn(source, length);
    const isKept = kept.test(name) || name === '' || bytes.subarray(0, 2).equals(Buffer.from('#!'));
    return isKept ? bytes.toString('utf8') : null;
  }
  for (let left = length; left > 0; left -= piece) source.take(Math.min(piece, left));
  fillerIn(source, length);
  return null;
}

function directoryIn(source: Source, depth: number): StoreNode {
  const entries = new Map<string, StoreNode>();
  let last = '';
  for (let next = token(source); next !== ')'; next = token(source)) {
    if (next !== 'entry') throw new NarFault('an entry of a folder', JSON.stringify(next));
    word(source, '(');
    word(source, 'name');
    const name = textIn(source, longestName);
    if (name === '' || name === '.' || name === '..' || name.includes('/'))
      throw new NarFault('a name within its folder', JSON.stringify(name));
    if (Buffer.compare(Buffer.from(name), Buffer.from(last)) <= 0)
      throw new NarFault('each name once, in order', JSON.stringify(name));
    last = name;
    word(source, 'node');
    entries.set(name, nodeIn(source, name, depth + 1));
    word(source, ')');
  }
  return { kind: 'directory', entries };
}
