import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { quoted } from './quote.ts';

test.each(['', 'plain', "it's", '$HOME `id` "x" \\', 'two\nlines'])('a shell gives back %j', text => {
  expect(execFileSync('bash', ['-c', `printf %s ${quoted(text)}`], { encoding: 'utf8' })).toBe(text);
});
