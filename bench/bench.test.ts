import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { emptyFolder, runProgram } from '../tests/helpers/command.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const benches = readdirSync(join(root, 'bench')).filter(file => file.endsWith('.bench.ts'));

/** Benches that need a lab machine are in tests/lab/bench.lab.test.ts and tests/lab/own/connection.lab.test.ts. */
const here = benches.filter(
  file => !['lab.bench.ts', 'audit.bench.ts', 'stacks.bench.ts', 'look.bench.ts', 'ssh.bench.ts'].includes(file),
);

/** Arguments that make a round short. */
const shortly: Readonly<Record<string, readonly string[]>> = {
  'engine.bench.ts': ['1', '20'], // seeds, operations
  'explore.bench.ts': ['1', '2', 'stop,remove-secret'], // states, depth, operations
  'history.bench.ts': ['1', '50'], // rounds, nights
  'schedule.bench.ts': ['1', '1', '60'], // seeds, depth, operations
  'simulator.bench.ts': ['1', '20'], // rounds, runs
};

test('there are benchmarks', () => {
  expect(here.length).toBeGreaterThan(0);
});

test.each(here)('%s measures, here one short round', async file => {
  const program = join(root, 'dist/bench', file.replace(/\.ts$/, '.js'));
  const short = shortly[file];
  if (short === undefined) throw new Error(`write into bench/bench.test.ts what makes a round of ${file} short`);
  const { status, out, err } = await runProgram(process.execPath, [program, ...short], emptyFolder());
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toMatch(/\d+ (operations|transitions) (a|per) second|\d+ ms \(median of/);
  expect(out).not.toMatch(/NaN|Infinity|undefined/);
});
