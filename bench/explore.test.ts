import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test('the bench of explorations runs', () => {
  const file = fileURLToPath(new URL('../dist/bench/explore.bench.js', import.meta.url));
  const said = execFileSync(process.execPath, [file, '4', '2'], { encoding: 'utf8' });
  expect(said).toMatch(
    /^home-manager: [\d,]+ transitions .*\nhardened: [\d,]+ transitions .*\ntoy: [\d,]+ transitions /,
  );
});
