import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { fieldNames } from '../models/machine/container-fields.ts';
import { plantedSecrets } from '../tests/helpers/planted-secrets.ts';
import { loadCatalog } from './catalog.ts';
import { secretText, secretValue } from './hosts/real/secret-text.ts';
import { namedSecrets, redacted, secretValues } from './redact.ts';

test('a value that the harness knows never shows, wherever it stands', () => {
  const value = secretValue('web');
  expect(redacted(`x${value}y and ${value}`, [value])).toBe('x[redacted]y and [redacted]');
  expect(redacted(secretText('web'), [])).toBe('WEB_TOKEN=[redacted]\n');
});

test('nor as other programs write it: in base64, in an address, in JSON', () => {
  const value = 'two words/"and more"';
  const texts = [Buffer.from(value).toString('base64'), encodeURIComponent(value), JSON.stringify({ a: value })];
  expect(texts.map(text => redacted(text, [value]))).toEqual(['[redacted]=', '[redacted]', '{"a":"[redacted]"}']);
});

test('of two known values of which one holds the other, nothing is left', () => {
  expect(redacted('longer-and-more', ['longer', 'longer-and-more'])).toBe('[redacted]');
});

test('whatever stands in an env file is a value to hide, but for what says nothing', () => {
  const text =
    'A=plain words\n# B=comment\nexport C="quoted"\nD=true\nE=5432\nF=abc\nG=\nH = spaced \nDB_USER=homelab\n';
  expect(secretValues(text)).toEqual(['plain words', 'quoted', 'spaced']);
});

test('of settings only what has the name of a secret is one: GREETING is what the tests are about', () => {
  const text =
    'environment:\n  GREETING: goodbye\n  DB_PASSWORD: correct\n  TOKEN_FILE: /run/x\nEnvironment="API_KEY=a b c"\n';
  expect(namedSecrets(text)).toEqual(['correct', 'a b c']);
});

describe('a planted secret is gone', () => {
  test.each(plantedSecrets)('$form', ({ text, secret }) => {
    expect(text).toContain(secret);
    expect(redacted(text)).not.toContain(secret);
    expect(redacted(text)).toContain('[redacted]');
    expect(redacted(redacted(text))).toBe(redacted(text));
  });

  test('all of them in one text, one after the other, at the end of very long words', () => {
    const text = plantedSecrets.map(each => `${'x'.repeat(5_000)}\n${each.text}`).join('\n\n');
    const kept = redacted(text);
    expect(plantedSecrets.filter(({ secret }) => kept.includes(secret))).toEqual([]);
  });
});

test.each([
  ['DB_PASSWORD=hunter2 next', 'DB_PASSWORD=[redacted] next'],
  ['"password": "hun ter2", "user": "x"', '"password": [redacted], "user": "x"'],
  ["api-key: 'k'", 'api-key: [redacted]'],
  ['Authorization: Basic dXNlcjpwYXNz', 'Authorization: Basic [redacted]'],
  ['curl -H bearer abcdef.12345', 'curl -H bearer [redacted]'],
  ['https://me:hunter2@registry.example/v2', 'https://me:[redacted]@registry.example/v2'],
  ['-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----', '[redacted]'],
  ['"Env": ["DB_PASSWORD=x","TZ=UTC"]', '"Env": ["DB_PASSWORD=[redacted]","TZ=UTC"]'],
  ['GET /hook?user=x&token=abc', 'GET /hook?user=x&token=[redacted]'],
  ['password: |\n  a\n  b\nnext: kept', 'password: [redacted]\nnext: kept'],
])('%s', (text, expected) => expect(redacted(text)).toBe(expected));

test.each([
  'preflight of web-stack.service: required secret /home/homelab/secrets/web.env is missing',
  'GET http://localhost:5000/v2/probe',
  'pulling docker://localhost:5000/probe@sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945',
  'remove the secret: web',
  'PWD=/home/homelab OLDPWD=/root',
  'POSTGRES_PASSWORD_FILE=/run/secrets/db',
  'compass=north passing=true GREETING=goodbye STACK_MARKER=declared',
  'LoadCredential=db:/etc/credstore/db',
  'podman run -p 8080:80 -e GREETING=hello localhost:5000/probe:stable',
  'mkdir -p /var/lib/x && cp -p a b',
  'podman compose -p homelab up -d && podman exec web mkdir -p data',
  '2026-11-25T04:13:14.336080+00:00 lab systemd[754]: web-stack.service: Main process exited, code=exited, status=1/FAILURE',
  'web/app started=2026-11-25 id=cbfe84aa0011 unit=web-stack.service autoupdate=registry',
  'f3b1c2a4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b1c2d3e4f5a6b7c8d9e0f1a2\n'.repeat(4),
  '/nix/store/0c9q5r6hx1n4bvbz2fiv3fyzjkgyyj3p-unit-web-stack.service/web-stack.service',
  'pam_unix(systemd-user:session): session opened for user homelab(uid=1000) by (uid=0)',
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJxyz operator@lab',
  'corpus/success-means-converged/spoil-secret-reboot-2.json: still violated, as expected',
  '  --notify-token <from>  where the token for --notify is',
  'Write --notify-token env:NAME or --notify-token file:PATH.',
])('what an operator needs to read stays: %s', text => expect(redacted(text)).toBe(text));

test('promises and observed fields are called what they are', async () => {
  const { invariants } = await loadCatalog();
  for (const name of invariants.keys()) {
    const line = `${name}: REBUILD claims success`;
    expect(redacted(line)).toBe(line);
  }
  for (const field of fieldNames) expect(redacted(`${field}=web=1`)).toBe(`${field}=web=1`);
});

test('of all that the corpus holds nothing else is taken: units, images, ids, times and steps stay', () => {
  const corpus = fileURLToPath(new URL('../corpus/', import.meta.url));
  const files = readdirSync(corpus, { recursive: true, encoding: 'utf8' }).filter(file => /\.(?:json|txt)$/.test(file));
  expect(files.length).toBeGreaterThan(50);
  for (const file of files) {
    const text = readFileSync(join(corpus, file), 'utf8');
    expect(redacted(text), file).toBe(text);
  }
});
