import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { Problem } from '../problem.ts';
import { bad, mostBytes, storePath, told, tooMuch } from './bounds.ts';
import { NarFault, narIn, type Source, type StoreNode } from './nar.ts';

/** What a cache says about a store path. */
export interface Info {
  readonly file: string;
  readonly path: string;
  readonly references: readonly string[];
  readonly url: string;
  readonly compression: string;
  readonly narHash: string;
  readonly size: number;
}

export const infoNameOf = (path: string): string => `${basename(path).slice(0, 32)}.narinfo`;

/** The one generation of Home Manager's in a cache. */
export function generationIn(path: string, folder: string): string {
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

/** Reads a small file that describes another one, of some kilobytes at most. @throws Problem */
function smallText(file: string): string {
  if (lstatSync(file).size > 65_536) throw bad(file, 'a .narinfo of at most 64 KiB', 'more');
  return readFileSync(file, 'utf8');
}

export function infoIn(folder: string, name: string, from: string): Info {
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

/** Programs that unpack what Node cannot, and the Debian packages that have them. */
const programs: Readonly<Record<string, string>> = { xz: 'xz-utils', zstd: 'zstd', bzip2: 'bzip2' };

/** The unpacked archive of a path, of the length that its description says. */
export function archiveOf(folder: string, { file, url, compression, size }: Info): Buffer {
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

/** The content of an archive. @throws Problem if its hash is not the one in its description */
export function nodeOf(bytes: Buffer, { file, url, narHash }: Info): StoreNode {
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

/** Nix's own encoding of 32 bytes: five bits a digit, the last bits first. */
const base32 = (bytes: Buffer): string =>
  Array.from({ length: Math.ceil((bytes.length * 8) / 5) }, (_, nth) => {
    const [byte, bit] = [(nth * 5) >> 3, (nth * 5) & 7];
    return digits[(((bytes[byte] ?? 0) >> bit) | ((bytes[byte + 1] ?? 0) << (8 - bit))) & 31];
  })
    .reverse()
    .join('');

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
