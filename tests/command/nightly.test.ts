import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emptyFolder, runStackfuzz, typed } from '../helpers/command.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** With this seed the walk on the simulator shows something that is in no corpus entry of these tests' folder. */
const search = ['--schedule', 'walks', '--runs', '1', '--seed', '6'];

/** A server that is notified: the requests that came in, and the status with which it answers. */
const heard: { url: string; headers: IncomingMessage['headers']; body: string }[] = [];
let answer = 200;
const server = createServer((request, response) => {
  let body = '';
  request.on('data', chunk => {
    body += chunk;
  });
  request.on('end', () => {
    heard.push({ url: request.url ?? '', headers: request.headers, body });
    response.writeHead(answer).end('thanks');
  });
});
let address: string;
beforeAll(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

/** A folder with one entry in its corpus. */
function folderOf(entry: string): string {
  const folder = emptyFolder();
  mkdirSync(join(folder, dirname(`corpus/${entry}`)), { recursive: true });
  copyFileSync(join(root, 'corpus', entry), join(folder, 'corpus', entry));
  return folder;
}
const entry = 'active-means-running/stop-container-rebuild.json';
const night = (folder: string, ...more: readonly string[]) =>
  typed(['nightly', '--host', 'simulator', '--corpus', 'corpus', ...search, ...more], folder);

test('nothing is begun in the quiet hours of a host: it is not even called', async () => {
  const folder = emptyFolder();
  const clock = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toTimeString().slice(0, 5);
  const written = (from: string, to: string): void =>
    writeFileSync(
      join(folder, 'stackfuzz.yaml'),
      `hosts:
  wsl:
    environment: non-prod
    transport: { ssh: { destination: me@x, port: 1, config: /dev/null, options: [Hostname=127.0.0.1] } }
    operator: me
    owner: home-manager
    commands: { rebuild: switch }
    declaration: ~/wanted.json
    stacks: { prefix: fz }
    quietHours: { from: "${from}", to: "${to}" }
`,
    );
  const tonight = () => typed(['nightly', '--host', 'wsl', '--corpus', 'corpus'], folder);
  written(clock(-1), clock(1));
  expect(await tonight()).toMatchObject({
    status: 2,
    err: expect.stringMatching(/^wsl: nothing is begun in its quiet hours, until \d\d:\d\d \(quietHours, .*:2\)\.\n$/),
  });
  written(clock(1), clock(2));
  expect(await tonight()).toMatchObject({ status: 2, err: expect.stringContaining('Connection refused') });
});

describe('nights', () => {
  test('tell somebody what is new, are silent while nothing changes, and tell what is gone', async () => {
    const folder = folderOf(entry);
    const tell = ['--notify', `webhook:${address}/hook`, '--notify-token', 'file:token', '--fail-on', 'change'];
    writeFileSync(join(folder, 'token'), 'sesame-open-0123456789\n');
    const first = await night(folder, ...tell, '--json', 'night.json');
    expect([first.status, heard.length], first.err).toEqual([1, 1]);
    expect(first.out).toMatch(
      /simulator: violated: [1-9]\d* new, 1 known, 0 gone\.\n(.|\n)*^Known: active-means-running/m,
    );
    expect(heard[0]).toMatchObject({ url: '/hook', headers: { authorization: 'Bearer sesame-open-0123456789' } });
    const message = JSON.parse(heard[0]?.body ?? '{}');
    expect(message).toMatchObject({ host: 'simulator', urgent: true, report: { status: 1 } });
    expect(message.report.new.length).toBeGreaterThan(0);
    expect(`${first.out}${first.err}`).not.toContain('sesame');
    const report = JSON.parse(readFileSync(join(folder, 'night.json'), 'utf8'));
    expect(report).toMatchObject({ command: 'nightly', status: 1, nights: [{ verdict: 'violated' }] });
    // What the entry shows is in it as what was found is, and its operations count as tried.
    expect(report.findings).toContainEqual(
      expect.objectContaining({ entry: `corpus/${entry}`, known: true, details: [expect.stringContaining('web')] }),
    );
    expect(report.coverage['stop-container'].succeeded).toBeGreaterThan(0);
    expect(report.neverTried).not.toContain('stop-container');

    const second = await night(folder, ...tell);
    expect([second.status, heard.length], second.out).toEqual([0, 1]);
    expect(second.err).toContain('Nothing has changed since the last night');

    // Without the entry it is not replayed, and the rest of a night takes the finding as gone unless the walk shows it.
    rmSync(join(folder, 'corpus', entry));
    const third = await night(folder, ...tell);
    expect(third.out).toMatch(/, 1 gone\./);
    expect([third.status, heard.length]).toEqual([1, 2]);
    expect(JSON.parse(heard[1]?.body ?? '{}')).toMatchObject({ urgent: false, report: { gone: [expect.anything()] } });

    const ended = await typed(['history', '--host', 'simulator', '--json'], folder);
    expect(ended.status).toBe(0);
    expect(JSON.parse(ended.out)).toMatchObject({
      nights: [{ gone: 1 }, { fresh: 0, gone: 0 }, { gone: 0 }],
      findings: expect.arrayContaining([expect.objectContaining({ state: 'gone', nights: 2 })]),
    });
    expect((await typed(['history'], folder)).out).toMatch(/simulator: gone: active-means-running: /);
  });

  test('that are dry runs say what would be done, and leave nothing', async () => {
    const folder = folderOf(entry);
    const before = readdirSync(folder, { recursive: true });
    const args = ['nightly', '--host', 'simulator', '--corpus', 'corpus', '--notify', `webhook:${address}/hook`];
    const { status, out, err } = await typed([...args, '--dry-run'], folder);
    expect(status, err).toBe(0);
    expect(out).toMatch(
      /^Would replay 1 entry of the corpus, then search\.\nWould notify 1 of a change, .*\nWould do any of these operations: /,
    );
    expect(readdirSync(folder, { recursive: true })).toEqual(before);
  });

  test('that are stopped by hand are kept, with what was found until then', async () => {
    const folder = folderOf(entry);
    let isStopped = false;
    const { status, err } = await runStackfuzz(
      ['nightly', '--host', 'simulator', '--corpus', 'corpus', '--schedule', 'walks', '--budget', '10m'],
      folder,
      {
        onOutput: (all, kill) => {
          if (isStopped || !all.includes('Ctrl-C ends it early.')) return;
          isStopped = true;
          kill('SIGINT');
        },
      },
    );
    expect([1, 2], err).toContain(status);
    const ended = await typed(['history', '--json'], folder);
    expect(JSON.parse(ended.out)).toMatchObject({
      nights: [
        {
          isWhole: true,
          gone: 0,
          signatures: expect.arrayContaining([expect.stringContaining('active-means-running')]),
        },
      ],
    });
  });
});

describe('somebody is told', () => {
  const quick = ['nightly', '--host', 'simulator', '--profile', 'hardened', '--corpus', 'corpus', ...search];
  const tell = (folder: string, ...more: readonly string[]) => typed([...quick, '--notify-always', ...more], folder);

  test('by ntfy, Gotify and a command, and a failure is heard of', async () => {
    const folder = folderOf(entry);
    process.env.STACKFUZZ_TEST_TOKEN = 'open-sesame-0123456789';
    const before = heard.length;
    const all = ['ntfy:URL/topic', 'gotify:URL/message'].flatMap(each => ['--notify', each.replace('URL', address)]);
    const command = 'command:cat > text; echo "$STACKFUZZ_HOST $STACKFUZZ_URGENT" > facts';
    const ended = await tell(folder, ...all, '--notify', command, '--notify-token', 'env:STACKFUZZ_TEST_TOKEN');
    expect(ended.status, ended.err).toBe(0);
    expect(heard.slice(before)).toMatchObject([
      { url: '/topic', headers: { authorization: 'Bearer open-sesame-0123456789', priority: 'default' } },
      { url: '/message', headers: { 'x-gotify-key': 'open-sesame-0123456789' } },
    ]);
    expect(JSON.parse(heard.at(-1)?.body ?? '{}')).toMatchObject({ title: expect.stringContaining('simulator: held') });
    expect(readFileSync(join(folder, 'text'), 'utf8')).toContain('simulator: held');
    expect(readFileSync(join(folder, 'facts'), 'utf8')).toBe('simulator no\n');

    answer = 500;
    const untold = await tell(folder, '--notify', `ntfy:${address}/topic?auth=open-sesame`);
    answer = 200;
    // A quiet night would look the same.
    expect([untold.status, untold.err]).toEqual([
      2,
      expect.stringMatching(/Nobody was notified: ntfy at 127[^?]*: status 500/),
    ]);
    const nobody = await tell(folder, '--notify', 'webhook:http://127.0.0.1:1/hook', '--notify', 'command:exit 7');
    expect(nobody.err).toContain('Nobody was notified: the command of notify ended with 7');
    expect(nobody.status).toBe(2);
    expect(`${untold.out}${untold.err}${nobody.err}`).not.toContain('sesame');
  });

  test.each([
    [['--notify', 'pigeon:x'], '--notify: expected command:LINE, ntfy:URL, gotify:URL or webhook:URL, found pigeon:…'],
    [['--notify', 'ntfy:ftp://x'], 'expected an address that begins with https:// or http://'],
    [['--notify', 'ntfy:http://x', '--notify-token', 'sesame'], 'expected env:NAME or file:PATH'],
    [
      ['--notify', 'ntfy:http://x', '--notify-token', 'env:NOT_THERE'],
      'expected one word in env:NOT_THERE, found nothing',
    ],
    [['--notify', 'ntfy:http://x', '--notify-token', 'file:nowhere'], 'found no such file'],
    [['--host', 'moon'], '--host: expected lab, simulator, or the name of a machine of your own'],
    [['--history', `corpus/${entry}`], "rebuild.json: expected stackfuzz's history, found"],
    [['--report', 'night.txt'], '--report night.txt: expected a name that ends with'],
  ])('%j is a mistake, heard of before anything is done', async (flags, says) => {
    const folder = folderOf(entry);
    const { status, out, err } = await typed([...quick, ...flags], folder);
    expect([status, out]).toEqual([3, '']);
    expect(err).toContain(says);
    expect(err).not.toContain('sesame');
    expect(existsSync(join(folder, '.stackfuzz', 'night'))).toBe(false);
  });

  test('a history that is not there, or knows no such host', async () => {
    const folder = emptyFolder();
    expect(await typed(['history'], folder)).toMatchObject({ status: 3, err: expect.stringContaining('no such file') });
  });
});
