import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { labAvailable } from '../../src/hosts/lab/index.ts';
import { isTurnOf } from '../../src/setup/share.mjs';
import { emptyFolder, runProgram } from '../helpers/command.ts';

// It takes half a minute of processor time, and its result seldom changes: one share of the tests does it.
test.skipIf(!labAvailable().ok || !isTurnOf(4))('lab.bench.ts measures, here one short round', async () => {
  const program = fileURLToPath(new URL('../../dist/bench/lab.bench.js', import.meta.url));
  const { status, out, err } = await runProgram(
    process.execPath,
    [program, '1', '3', '2'] /* rounds, seconds, machines at most */,
    emptyFolder(),
  );
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toMatch(/^boot: \d+ ms .* bare systemd-nspawn \d+ ms$/m);
  expect(out).toMatch(/^run: \d+\.\d+ x a plain shell script \(median of 1 plans, \d+ operations\)$/m);
  expect(out).toMatch(/^reset: \d+ ms/m);
});

test.skipIf(!labAvailable().ok)('audit.bench.ts measures, here one short round', async () => {
  const program = fileURLToPath(new URL('../../dist/bench/audit.bench.js', import.meta.url));
  const { status, out, err } = await runProgram(
    process.execPath,
    [program, '1', '1'] /* rounds, stacks */,
    emptyFolder(),
  );
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toMatch(/^audit of 1 stacks: \d+ ms, .* \d+ ms: \d+\.\d\d x/m);
});

test.skipIf(!labAvailable().ok)('stacks.bench.ts measures, here one short round', async () => {
  const program = fileURLToPath(new URL('../../dist/bench/stacks.bench.js', import.meta.url));
  const { status, out, err } = await runProgram(
    process.execPath,
    [program, '1', '1'] /* rounds, files */,
    emptyFolder(),
  );
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toMatch(/^reading 1 compose files of 200 lines: \d+ ms, docker compose alone \d+ ms: \d+\.\d\d x/m);
});

test.skipIf(!labAvailable().ok || !isTurnOf(5))('look.bench.ts measures, here one short round', async () => {
  const program = fileURLToPath(new URL('../../dist/bench/look.bench.js', import.meta.url));
  const { status, out, err } = await runProgram(
    process.execPath,
    [program, '2', '3'] /* rounds, services */,
    emptyFolder(),
  );
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toMatch(/^a look at 3 services: \d+ ms, at 2: \d+ ms: \d+\.\d\d x/m);
});
