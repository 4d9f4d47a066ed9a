import { createHash, type Hash } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readSync,
  realpathSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { bad, mostBytes, mostPaths, storePath, told, tooMuch } from './bounds.ts';
import { archiveOf, generationIn, type Info, infoIn, infoNameOf, nodeOf } from './cache.ts';
import { NarFault, narIn, numberIn, type Source, type StoreNode, textIn } from './nar.ts';

/** A package with everything that it depends on, in one of Nix's forms. */
export interface Closure {
  /** The path to which no other path of the closure refers. */
  readonly root: string;
  /** The content of each of its paths. */
  readonly paths: ReadonlyMap<string, StoreNode>;
  /** A file in the form of `nix-store --export` that contains it, and its sha256 in hex. */
  readonly file: string;
  readonly sha256: string;
}

/** The number after each archive of an export ("NIXE"). */
const magic = 0x4558494e;

interface Part {
  readonly node: StoreNode;
  readonly references: readonly string[];
}

/**
 * Reads a closure: a file that `nix-store --export` wrote, the folder of a `file://` binary cache, or a `.narinfo` in one.
 * @throws Problem if it is none, is not complete, or does not have the hashes that it names
 */
export function readClosure(path: string): Closure {
  const entry = path === '' || path.includes('\0') ? undefined : lstatSync(path, { throwIfNoEntry: false });
  if (entry === undefined) throw bad(path, 'a closure', 'nothing of that name');
  const place = realpathSync(path);
  const isInfo = place.endsWith('.narinfo');
  const folder = isInfo ? dirname(place) : place;
  if (isInfo || existsSync(join(folder, 'nix-cache-info')))
    return fromCache(path, folder, isInfo ? basename(place) : null);
  if (lstatSync(place).isDirectory()) throw bad(path, 'a closure', 'a folder without nix-cache-info');
  return fromExport(path, place);
}

function fromExport(path: string, file: string): Closure {
  const hash = createHash('sha256');
  // O_NONBLOCK: otherwise open() would wait for ever for a pipe that nobody writes to.
  const handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  const parts = new Map<string, Part>();
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile()) throw bad(path, 'a closure', 'something that is no file');
    if (stat.size > mostBytes) throw tooMuch(path);
    const bytes = fileSource(handle);
    const source = hashed(bytes, hash);
    for (;;) {
      const more = source.take(8).readBigUInt64LE();
      if (more === 0n) break;
      if (more !== 1n) throw new NarFault('an export of Nix', 'another file');
      const node = narIn(source);
      if (numberIn(source) !== magic) throw new NarFault('the mark of an export behind an archive', 'other bytes');
      const name = storePathIn(source);
      const references = Array.from({ length: countIn(source) }, () => storePathIn(source));
      textIn(source, 300); // the derivation that it was built from
      if (numberIn(source) === 1) textIn(source, 4_096); // a signature in the old form
      if (parts.has(name)) throw new NarFault('each path once', name);
      parts.set(name, { node, references });
      if (parts.size > mostPaths) throw tooMuch(path);
    }
    if (!bytes.ended()) throw new NarFault('the end of an export', 'more bytes');
  } catch (error) {
    throw told(error, path);
  } finally {
    closeSync(handle);
  }
  return { ...whole(path, parts), file, sha256: hash.digest('hex') };
}

function storePathIn(source: Source): string {
  const name = textIn(source, 300);
  if (!storePath.test(name)) throw new NarFault('a path of /nix/store', JSON.stringify(name));
  return name;
}

function countIn(source: Source): number {
  const count = numberIn(source);
  if (count > mostPaths) throw new NarFault(`at most ${mostPaths} references`, String(count));
  return count;
}

/** The bytes of a file, in pieces. */
function fileSource(handle: number): Source & { ended(): boolean } {
  let ahead = Buffer.alloc(0);
  return {
    take(bytes) {
      if (bytes > mostBytes) throw new NarFault(`at most ${mostBytes} bytes`, String(bytes));
      if (bytes > ahead.length) {
        const more = Buffer.alloc(Math.max(bytes - ahead.length, 1_048_576));
        const got = readAll(handle, more);
        ahead = Buffer.concat([ahead, more.subarray(0, got)]);
      }
      if (bytes > ahead.length) throw new NarFault('more bytes', 'the end of the file');
      const taken = ahead.subarray(0, bytes);
      ahead = ahead.subarray(bytes);
      return taken;
    },
    ended: () => ahead.length === 0 && readSync(handle, Buffer.alloc(1)) === 0,
  };
}

function readAll(handle: number, into: Buffer): number {
  let got = 0;
  while (got < into.length) {
    const read = readSync(handle, into, got, into.length - got, null);
    if (read === 0) break;
    got += read;
  }
  return got;
}

function hashed(source: Source, hash: Hash): Source {
  return {
    take(bytes) {
      const taken = source.take(bytes);
      hash.update(taken);
      return taken;
    },
  };
}

/** Folders with exports that were made from caches; they are removed when this process ends. */
const scratches: string[] = [];
process.on('exit', () => {
  for (const scratch of scratches) rmSync(scratch, { recursive: true, force: true });
});

function fromCache(path: string, folder: string, infoFile: string | null): Closure {
  const first = infoFile ?? generationIn(path, folder);
  const infos = new Map<string, Info>();
  const visit = (file: string, from: string): void => {
    const info = infoIn(folder, file, from);
    if (infos.has(info.path)) return;
    infos.set(info.path, info);
    if (infos.size > mostPaths) throw tooMuch(path);
    for (const reference of info.references) if (reference !== info.path) visit(infoNameOf(reference), info.path);
  };
  visit(first, path);
  if ([...infos.values()].reduce((sum, { size }) => sum + size, 0) > mostBytes) throw tooMuch(path);

  const scratch = mkdtempSync(join(tmpdir(), 'stackfuzz-closure-'));
  scratches.push(scratch);
  const file = join(scratch, 'export');
  const handle = openSync(file, 'wx', 0o600);
  const hash = createHash('sha256');
  const parts = new Map<string, Part>();
  try {
    const write = (bytes: Buffer): void => {
      hash.update(bytes);
      for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
    };
    // Nix imports a path after those to which it refers.
    const put = (info: Info): void => {
      if (parts.has(info.path)) return;
      parts.set(info.path, { node: { kind: 'link', target: '' }, references: info.references });
      for (const reference of info.references) put(infos.get(reference) as Info);
      const bytes = archiveOf(folder, info);
      parts.set(info.path, { node: nodeOf(bytes, info), references: info.references });
      write(number(1));
      write(bytes);
      write(number(magic));
      write(text(info.path));
      write(number(info.references.length));
      for (const reference of info.references) write(text(reference));
      write(text(''));
      write(number(0));
    };
    for (const info of infos.values()) put(info);
    write(number(0));
  } finally {
    closeSync(handle);
  }
  return { ...whole(path, parts), file, sha256: hash.digest('hex') };
}

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([number(bytes.length), bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);
};

/** Checks that a closure is complete. @throws Problem if a path is missing to which one of them refers */
function whole(path: string, parts: ReadonlyMap<string, Part>): Pick<Closure, 'root' | 'paths'> {
  const referred = new Set<string>();
  for (const [name, { references }] of parts) {
    for (const reference of references) {
      if (!parts.has(reference))
        throw bad(path, `${reference}, which ${basename(name)} refers to`, 'a closure without it');
      if (reference !== name) referred.add(reference);
    }
  }
  const roots = [...parts.keys()].filter(name => !referred.has(name));
  const [root] = roots;
  if (root === undefined || roots.length > 1) {
    const found =
      root === undefined ? 'nothing' : `${roots.length} of them: ${roots.map(each => basename(each)).join(', ')}`;
    throw bad(path, 'one path that no other one refers to', found);
  }
  return { root, paths: new Map([...parts].map(([name, { node }]) => [name, node])) };
}
