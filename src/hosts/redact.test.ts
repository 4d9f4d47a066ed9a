import { expect, test } from 'vitest';
import { secretText, secretValue } from './levers/secret.ts';
import { redacted } from './redact.ts';

test('a value that the harness knows never shows, wherever it stands', () => {
  const value = secretValue('web');
  expect(redacted(`x${value}y and ${value}`, [value])).toBe('x[redacted]y and [redacted]');
  expect(redacted(secretText('web'), [])).toBe('WEB_TOKEN=[redacted]\n');
});

test.each([
  ['DB_PASSWORD=hunter2 next', 'DB_PASSWORD=[redacted] next'],
  ['"password": "hun ter2", "user": "x"', '"password": [redacted], "user": "x"'],
  ["api-key: 'k'", 'api-key: [redacted]'],
  ['Authorization: Basic dXNlcjpwYXNz', 'Authorization: Basic [redacted]'],
  ['curl -H bearer abcdef.12345', 'curl -H bearer [redacted]'],
  ['https://me:hunter2@registry.example/v2', 'https://me:[redacted]@registry.example/v2'],
  ['-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----', '[redacted]'],
])('%s', (text, expected) => expect(redacted(text)).toBe(expected));

test('what an operator needs to read stays', () => {
  const text = 'preflight of web-stack.service: required secret /home/homelab/secrets/web.env is missing';
  expect(redacted(text)).toBe(text);
  expect(redacted('GET http://localhost:5000/v2/probe')).toBe('GET http://localhost:5000/v2/probe');
});
