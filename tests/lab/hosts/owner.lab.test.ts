import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { boot, clean, down, labAvailable, list, tracesOf } from '../../../src/hosts/lab/index.ts';

/** Another run, from built code, which boots a machine of this name and then waits. */
async function otherRun(name: string, keep: boolean): Promise<ChildProcess> {
  const built = fileURLToPath(new URL('../../../dist/src/hosts/lab/index.js', import.meta.url));
  const script = `const { boot } = await import(${JSON.stringify(built)});
    const machine = await boot({ name: ${JSON.stringify(name)} });
    if (${keep}) machine.keep();
    console.log('up'); setInterval(() => {}, 1000);`;
  const run = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const first = await Promise.race([once(run.stdout, 'data'), once(run, 'exit')]);
  expect(String(first[0])).toBe('up\n');
  return run;
}

async function killed(run: ChildProcess): Promise<void> {
  const gone = once(run, 'exit');
  run.kill('SIGKILL');
  await gone;
}

test.skipIf(!labAvailable().ok)('clean removes what a killed run left, and nothing of a living one', async () => {
  const name = `lab-orphan-${process.pid}`;
  const mine = await boot();
  try {
    const run = await otherRun(name, false);
    expect((await clean()).gone).not.toContain(name);
    expect(list().find(machine => machine.name === name)).toMatchObject({ up: true, abandoned: false });
    await expect(boot({ name })).rejects.toThrow(/registered already/);
    await killed(run);
    expect(list().find(machine => machine.name === name)).toMatchObject({ up: true, abandoned: true });
    expect((await clean()).gone).toContain(name);
    expect(tracesOf(name)).toEqual([]);
    expect((await mine.channel.run('echo well')).stdout).toBe('well\n');
  } finally {
    await mine.down();
  }
});

test.skipIf(!labAvailable().ok)('a machine that is kept outlives its run until it is taken down', async () => {
  const name = `lab-kept-${process.pid}`;
  await killed(await otherRun(name, true));
  expect((await clean()).gone).not.toContain(name);
  expect(list().find(machine => machine.name === name)).toMatchObject({ up: true, owner: null });
  await down(name);
  expect(tracesOf(name)).toEqual([]);
  await expect(down(name)).rejects.toThrow(/stackfuzz lab list/);
});
