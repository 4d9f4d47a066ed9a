import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type LabRecord, readEntry, writeEntry } from './entry.ts';

const folder = mkdtempSync(join(tmpdir(), 'stackfuzz-entries-'));
afterAll(() => rmSync(folder, { recursive: true }));

const entry: LabRecord = {
  name: 'lab',
  id: '1',
  suite: 'trixie',
  owner: { pid: 4711, started: '12345' },
  nspawn: null,
  leader: null,
  lowers: ['/var/cache/stackfuzz/lab/trixie-1/root'],
};
let count = 0;
function directory(): string {
  const made = join(folder, String(++count));
  mkdirSync(made);
  return made;
}

test('an entry is read as it was written, with nothing beside it', () => {
  const at = directory();
  writeEntry(entry, at);
  expect(readEntry(at, 'lab')).toEqual(entry);
  expect(readdirSync(at)).toEqual(['machine.json']);
});

test('a machine that is gone has none', () => expect(readEntry(join(folder, 'gone'), 'lab')).toBeNull());

const text = (change: object): string => JSON.stringify({ ...entry, ...change });

test.each([
  ['empty', '', 'it is no JSON'],
  ['no JSON', '{"name": "la', 'it is no JSON'],
  ['another value', 'null', 'machine.json is not as it should be'],
  ['without an owner', text({ owner: undefined }), 'owner: '],
  ['with an owner of another kind', text({ owner: 4711 }), 'owner: '],
  ['with process 0', text({ leader: { pid: 0, started: '1' } }), 'leader.pid: '],
  ['with a start time that is none', text({ leader: { pid: 1, started: '' } }), 'leader.started: '],
  ['with layers elsewhere', text({ lowers: ['etc'] }), 'lowers.0: '],
  ['with an escape sequence for the terminal', text({ suite: '\u001b[2J' }), 'suite: '],
  ['of another name', text({ name: '../../victim' }), 'that of "../../victim"'],
  ['too large', `${text({})}${' '.repeat(100_000)}`, 'it is too large'],
])('an entry that is %s is odd, and says what to type', (_, content, odd) => {
  const at = directory();
  writeFileSync(join(at, 'machine.json'), content);
  const found = readEntry(at, 'lab');
  expect(found).toEqual({ name: 'lab', odd: expect.stringContaining(odd) });
  expect(found).toEqual({ name: 'lab', odd: expect.stringMatching(/; where nobody uses it: stackfuzz lab down lab$/) });
});

test.skipIf(process.platform !== 'linux')('what is no regular file is odd too, and nobody waits for it', () => {
  const make: Readonly<Record<string, (place: string) => void>> = {
    'machine.json cannot be read (ENOENT)': () => {},
    'machine.json cannot be read (ELOOP)': place => symlinkSync('/etc/passwd', place),
    'machine.json cannot be read (it is no regular file)': place => execFileSync('mkfifo', [place]),
  };
  for (const [odd, making] of Object.entries(make)) {
    const at = directory();
    making(join(at, 'machine.json'));
    expect(readEntry(at, 'lab')).toEqual({ name: 'lab', odd: expect.stringContaining(odd) });
  }
});

test('what has no machine’s name is not ours, and the message says where it is', () => {
  const at = directory();
  expect(readEntry(at, 'My Machine')).toEqual({
    name: 'My Machine',
    odd: expect.stringContaining(`"${at}", and remove`),
  });
});
