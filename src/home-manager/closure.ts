import { spawnSync } from 'node:child_process';
import { createHash, type Hash } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { Problem } from '../problem.ts';
import { NarFault, narIn, numberIn, type Source, type StoreNode, textIn } from './nar.ts';

/** A package with everything that it needs, as Nix hands it on. */
export interface Closure {
  /** The path that nothing else in it refers to. */
  readonly root: string;
  /** What stands at each of its paths. */
  readonly paths: ReadonlyMap<string, StoreNode>;
  /** The file in the form of `nix-store --export` that it stands in; sha256 of it, in hex. */
  readonly file: string;
  readonly sha256: string;
}

/** Most that a closure may come to, in bytes: machines hold it in memory, and again in their store. */
const mostBytes = 2 ** 30;
/** Most paths: a home with a desktop has some thousands. */
const mostPaths = 20_000;

const storePath = /^\/nix\/store\/[0-9a-df-np-sv-z]{32}-[A-Za-z0-9+._?=-]{1,211}$/;
/** What stands behind each archive of an export ("NIXE"). */
const magic = 0x4558494e;

interface Part {
  readonly node: StoreNode;
  readonly references: readonly string[];
}

/**
 * Reads a closure: a file that `nix-store --export` wrote, the folder of a `file://` binary cache, or a `.narinfo` in one.
 * @throws Problem where it is none, not whole, or not what its own hashes say.
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
  // O_NONBLOCK: to open a pipe that nobody writes to would wait for ever.
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
      textIn(source, 300); // what it was built from
      if (numberIn(source) === 1) textIn(source, 4_096); // a signature of old
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

/** The bytes of a file, some at a time. */
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

function bufferSource(bytes: Buffer): Source & { rest(): number } {
  let at = 0;
  return {
    take(count) {
      if (at + count > bytes.length) throw new NarFault('more bytes', 'the end of the archive');
      at += count;
      return bytes.subarray(at - count, at);
    },
    rest: () => bytes.length - at,
  };
}

/** Folders with exports that were made of caches; they go when this process ends. */
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
    // Nix takes a path after those that it refers to.
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

/** What a cache says of a path. */
interface Info {
  readonly file: string;
  readonly path: string;
  readonly references: readonly string[];
  readonly url: string;
  readonly compression: string;
  readonly narHash: string;
  readonly size: number;
}

const infoNameOf = (path: string): string => `${basename(path).slice(0, 32)}.narinfo`;

/** The one generation of Home Manager's in a cache. */
function generationIn(path: string, folder: string): string {
  const names = readdirSync(folder).filter(name => name.endsWith('.narinfo'));
  const generations = names.filter(name =>
    /^StorePath: \S+-home-manager-generation$/m.test(smallText(join(folder, name))),
  );
  const [only] = generations;
  if (only !== undefined && generations.length === 1) return only;
  throw new Problem({
    expected: 'one home-manager-generation in the cache',
    found: generations.length === 0 ? 'none' : `${generations.length} of them: ${generations.join(', ')}`,
    where: `--home-manager ${path}`,
    next:
      generations.length === 0
        ? 'nix copy --to file://DIR the activation package of your configuration'
        : `Name one: --home-manager ${join(path, only ?? '')}`,
  });
}

/** A file of a cache that says what another one is: some kilobytes at most. @throws Problem */
function smallText(file: string): string {
  if (lstatSync(file).size > 65_536) throw bad(file, 'a .narinfo of at most 64 KiB', 'more');
  return readFileSync(file, 'utf8');
}

function infoIn(folder: string, name: string, from: string): Info {
  const file = join(folder, name);
  if (!existsSync(file)) throw bad(file, `a .narinfo of what ${from} refers to`, 'no such file');
  mustStandIn(folder, file);
  const fields = new Map(
    smallText(file)
      .split('\n')
      .map(line => /^(\w+): ?(.*)$/.exec(line))
      .flatMap(match => (match === null ? [] : [[match[1] as string, match[2] as string] as const])),
  );
  const field = (key: string): string => {
    const value = fields.get(key);
    if (value === undefined || value === '') throw bad(file, `a line  ${key}: …`, 'none');
    return value;
  };
  const path = field('StorePath');
  if (!storePath.test(path)) throw bad(file, 'a path of /nix/store', JSON.stringify(path));
  if (infoNameOf(path) !== name) throw bad(file, `the path whose name begins with ${name.slice(0, -8)}`, path);
  const references = (fields.get('References') ?? '')
    .split(' ')
    .filter(each => each !== '')
    .map(each => `/nix/store/${each}`);
  const wrong = references.find(each => !storePath.test(each));
  if (wrong !== undefined) throw bad(file, 'references to paths of /nix/store', JSON.stringify(wrong));
  const size = Number(field('NarSize'));
  if (!Number.isSafeInteger(size) || size < 0) throw bad(file, 'NarSize in bytes', field('NarSize'));
  const url = field('URL');
  if (/^[\w+.-]+:|^\/|(?:^|\/)\.\.(?:\/|$)/.test(url))
    throw bad(file, 'the URL of a file of the cache', JSON.stringify(url));
  return {
    file,
    path,
    references,
    url,
    compression: fields.get('Compression') ?? 'bzip2',
    narHash: field('NarHash'),
    size,
  };
}

/** @throws Problem for a link that leads out of a folder. */
function mustStandIn(folder: string, file: string): void {
  if (relative(folder, realpathSync(file)).startsWith('..')) throw bad(file, 'a file of the cache', 'a link out of it');
}

/** The programs that unpack what Node does not, and the Debian packages that have them. */
const programs: Readonly<Record<string, string>> = { xz: 'xz-utils', zstd: 'zstd', bzip2: 'bzip2' };

/** The archive of a path, unpacked, in the length that is said of it. */
function archiveOf(folder: string, { file, url, compression, size }: Info): Buffer {
  const packed = join(folder, url);
  if (!existsSync(packed)) throw bad(file, `the archive ${url}`, 'no such file');
  mustStandIn(folder, packed);
  if (lstatSync(realpathSync(packed)).size > mostBytes) throw tooMuch(packed);
  const bytes = unpacked(packed, compression, size, file);
  if (bytes.length !== size) throw bad(packed, `${size} bytes when unpacked (NarSize)`, String(bytes.length));
  return bytes;
}

function unpacked(packed: string, compression: string, size: number, info: string): Buffer {
  const most = { maxOutputLength: size + 1 };
  try {
    if (compression === 'none') return readFileSync(packed);
    if (compression === 'gzip') return gunzipSync(readFileSync(packed), most);
    if (compression === 'br') return brotliDecompressSync(readFileSync(packed), most);
  } catch (error) {
    throw bad(packed, `${compression} of ${size} bytes`, (error as Error).message);
  }
  const name = programs[compression];
  if (name === undefined)
    throw bad(info, `Compression: none, gzip, br, ${Object.keys(programs).join(', ')}`, JSON.stringify(compression));
  const ran = spawnSync(compression, ['-dcq', packed], { maxBuffer: size + 1, stdio: ['ignore', 'pipe', 'pipe'] });
  if ((ran.error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') {
    throw new Problem({
      expected: `the program ${compression}`,
      found: 'none',
      where: info,
      next: `apt-get install ${name}`,
    });
  }
  if (ran.error !== undefined) throw bad(packed, `${compression} of ${size} bytes (NarSize)`, 'more');
  if (ran.status !== 0)
    throw bad(packed, `a file that ${compression} unpacks`, String(ran.stderr).trim() || `status ${ran.status}`);
  return ran.stdout;
}

/** What an archive holds. @throws Problem where it is not what was hashed. */
function nodeOf(bytes: Buffer, { file, url, narHash }: Info): StoreNode {
  const digest = createHash('sha256').update(bytes).digest();
  const [kind, , value = ''] = /^(sha256)([:-])(.*)$/.exec(narHash)?.slice(1) ?? [];
  const forms = [base32(digest), digest.toString('hex'), digest.toString('base64')];
  if (kind === undefined || !forms.includes(value))
    throw bad(file, `${url} to have the hash ${narHash} (NarHash)`, `sha256:${forms[0]}`);
  try {
    const source = bufferSource(bytes);
    const node = narIn(source);
    if (source.rest() > 0) throw new NarFault('the end of the archive', 'more bytes');
    return node;
  } catch (error) {
    throw told(error, join(dirname(file), url));
  }
}

const digits = '0123456789abcdfghijklmnpqrsvwxyz';

/** Nix's own form of 32 bytes: five bits a digit, the last ones first. */
const base32 = (bytes: Buffer): string =>
  Array.from({ length: Math.ceil((bytes.length * 8) / 5) }, (_, nth) => {
    const [byte, bit] = [(nth * 5) >> 3, (nth * 5) & 7];
    return digits[(((bytes[byte] ?? 0) >> bit) | ((bytes[byte + 1] ?? 0) << (8 - bit))) & 31];
  })
    .reverse()
    .join('');

/** A closure by its parts. @throws Problem where something is missing that one of them refers to. */
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

function told(error: unknown, path: string): unknown {
  return error instanceof NarFault ? bad(path, error.expected, error.found) : error;
}

const tooMuch = (path: string): Problem =>
  bad(path, `at most ${mostPaths} paths and ${mostBytes / 2 ** 20} MiB`, 'more');

const bad = (path: string, expected: string, found: string): Problem =>
  new Problem({
    expected,
    found,
    where: `--home-manager ${/\p{Cc}/u.test(path) ? JSON.stringify(path) : path}`,
    next: 'Write it anew:  nix-store --export $(nix-store -qR PACKAGE) > FILE  (docs/own-home-manager.md)',
  });
