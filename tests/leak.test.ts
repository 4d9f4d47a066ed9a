import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Claim, Host } from '../models/host.ts';
import { realHost } from '../src/hosts/real/real.ts';
import { secretValue } from '../src/hosts/real/secret-text.ts';
import type { Channel } from '../src/hosts/transport/channel.ts';
import { first, labDeployment, profile } from './helpers/lab-host.ts';
import { plantedSecrets } from './helpers/planted-secrets.ts';
import { recorded } from './helpers/recorded.ts';

/**
 * A value that only the machine knows, from an env file that a profile's own commands made: neither its name nor its form shows
 * a secret.
 */
const lying = 'plain words of nobody';

/** Output of a machine that contains every secret, longer than a claim, a log or evidence may be. */
const leaking = [
  ...plantedSecrets.map(each => each.text),
  `heard ${lying}`,
  `token ${secretValue('web')} refused`,
  // Whatever is at one of the places where a text is cut is half a secret there.
  ...Array.from({ length: 6_000 }, (_, at) => `${'x'.repeat(at % 7)} ${lying} ${secretValue('duo')}`),
  ...plantedSecrets.map(each => each.text),
].join('\n\n');

const channel: Channel = {
  async run(script) {
    const isWell = script.includes('@@ disks');
    const isLook = script.includes('@@') && !isWell;
    const isEnvFiles = script.includes("-name '*.env'");
    const calm = isWell ? '@@ memory\n4000000\n@@ end\n' : isLook ? recorded('calm') : `NOTE=${lying}\n`;
    const stdout = isWell || isLook || isEnvFiles ? calm : leaking;
    const fails = !isWell && !isLook && !isEnvFiles && !script.includes('part()');
    return { status: fails ? 1 : 0, stdout, stderr: '', timedOut: false, truncated: false };
  },
  async close() {},
};

let host: Host;
beforeAll(async () => {
  const machines = { name: 'lab', take: async () => ({ channel, close: async () => {} }), close: async () => {} };
  host = realHost({ ...labDeployment(profile, 'docker-compose'), machines });
  await host.reset();
});

/** The secrets in a text, whole, or in the pieces that a cut may leave of them. */
const leaks = (text: string): readonly string[] =>
  [...plantedSecrets.map(({ secret }) => secret), lying, secretValue('web'), secretValue('duo')]
    .flatMap(secret => [
      secret,
      ...(secret === lying || secret.length === 64 ? [secret.slice(0, 12), secret.slice(-12)] : []),
    ])
    .filter(secret => text.includes(secret));

test('nothing that a machine says leaves it with a secret in it: claims, journals, evidence, troubles', async () => {
  const claim: Claim = await host.rebuild(first);
  expect(claim.ok).toBe(false);
  expect(leaks(`${claim.message}${claim.log}`)).toEqual([]);
  expect(claim.message.length).toBeLessThan(4_200);
  const trouble = await host.place('~/.config/systemd/user/web-stack.service', { kind: 'nothing' }).catch(String);
  expect(trouble).toContain('[redacted]');
  expect(leaks(String(trouble))).toEqual([]);
  const evidence = await host.evidence();
  expect(evidence).toContain('[redacted]');
  expect(leaks(evidence)).toEqual([]);
});

test('nor does it reach a corpus, a report, or the words of an error', async () => {
  const { saveEntry } = await import('../src/corpus/store.ts');
  const { writeReports } = await import('../src/reports/write.ts');
  const folder = await mkdtemp(join(tmpdir(), 'stackfuzz-leak-'));
  try {
    const texts = plantedSecrets.map(each => each.text);
    const found = { date: '2026-01-02T03:04:05.000Z', seed: 7, run: 3, operations: 120, shrunkFrom: 14 };
    const names = { invariant: 'a', promise: 'b', signature: 'c', profile: 'd', provider: 'e', host: 'lab' };
    const steps = [{ operation: 'remove-secret', args: { secret: 'web' } }];
    const entry = {
      format: 1,
      ...names,
      expect: 'violated',
      steps,
      details: texts,
      explanation: texts,
      versions: {},
      found,
    } as const;
    await saveEntry(join(folder, 'corpus'), entry, `${texts.join('\n')}\n${leaking}`);
    const report = {
      format: 1,
      command: 'fuzz',
      status: 1,
      verdict: 'violated',
      host: 'lab',
      seconds: 1,
      operations: 1,
    } as const;
    const step = {
      ...steps[0],
      words: texts.join('\n'),
      kind: 'command',
      ended: 'failed',
      status: 1,
      mayFail: texts,
    } as const;
    const story = {
      steps: [{ operation: 'remove-secret', args: { secret: 'web' }, ...step, says: texts.join('\n') }],
      parted: { after: 0, fields: texts.map((text, index) => ({ at: `a[${index}]`, expected: text, actual: [text] })) },
    };
    const known = { invariant: 'a', promise: 'b', signature: 'c', details: texts, steps };
    // Line by line, as a private key in the output of a command.
    const explanation = texts.flatMap(text => text.split('\n'));
    const findings = [
      { ...known, story },
      { ...known, signature: 'd', explanation, waiver: texts.join('\n') },
    ];
    const crashes = texts.map(message => ({ message }));
    const written = ['json', 'html', 'md', 'xml', 'sarif'].map(ending => join(folder, `report.${ending}`));
    const whole = { ...report, findings, crashes, notes: texts, versions: { podman: texts.join('\n') } };
    expect(await writeReports({ json: join(folder, 'for-programs.json'), report: written }, whole, () => {})).toBe(
      true,
    );
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter(each => each.isFile());
    expect(files).toHaveLength(8);
    for (const { name, parentPath } of files) {
      const text = await readFile(join(parentPath, name), 'utf8');
      expect(
        plantedSecrets.filter(({ secret }) => text.includes(secret)),
        name,
      ).toEqual([]);
      // Steps are names, and are read again.
      if (name.endsWith('.json')) expect(text).toMatch(/"secret": "web"/);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
