import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { toyExplored } from '../toy/simulation.ts';
import { expander } from './expand.ts';
import { alone, exploreAll } from './search.ts';

const missing = ['spin', 'gcc'].filter(name => spawnSync(name, ['-V'], { stdio: 'ignore' }).error !== undefined);
if (missing.length > 0)
  console.log(`not compared with SPIN: no ${missing.join(', no ')} here (apt-get install spin gcc)`);

const folder = mkdtempSync(join(tmpdir(), 'stackfuzz-spin-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The toy of toy.pml: without job c, without blue, and with at most one generation to roll back to. */
function small() {
  const toy = toyExplored();
  const operations = [...toy.model.operations].map(([name, operation]) => {
    const isInstall = ['add', 'drop', 'paint'].includes(name);
    const choices: typeof operation.choices = world =>
      isInstall && world.pointer > 0
        ? []
        : operation.choices(world).filter(({ job, colour }) => job !== 'c' && colour !== 'blue');
    return [name, { ...operation, choices }] as const;
  });
  return { ...toy, model: { ...toy.model, operations: new Map(operations) } };
}

/** Every state that there is: the depth is large enough that no new one can follow. */
async function everything() {
  const { standing } = await exploreAll({ depth: 60, crew: alone(expander(small(), { recoverTo: -1 })) });
  const sum = (of: 'states' | 'transitions') => standing.levels.reduce((all, level) => all + level[of], 0);
  return { states: sum('states'), transitions: sum('transitions'), deepest: standing.levels.at(-3), met: standing.met };
}

test('every state of the small toy is reached, once', async () => {
  expect(await everything()).toEqual({
    states: 3_960,
    transitions: 49_086,
    deepest: { states: 0, transitions: 0 },
    met: [],
  });
});

test.skipIf(missing.length > 0)('SPIN counts the same states and transitions', async () => {
  const model = fileURLToPath(new URL('../toy/toy.pml', import.meta.url));
  const run = (command: string, ...args: string[]) => execFileSync(command, args, { cwd: folder, encoding: 'utf8' });
  run('spin', '-a', '-o1', '-o2', '-o3', model);
  run('gcc', '-O1', '-DNOREDUCE', '-DSAFETY', '-w', '-o', 'pan', 'pan.c');
  const said = run('./pan', '-m100000', '-E');
  const count = (what: string) => Number(new RegExp(`(\\d+) ${what}`).exec(said)?.[1]);
  const { states, transitions } = await everything();
  // The first step of toy.pml clears what is empty: one state and one transition more than the toy has. Spin also counts the
  // arrival at the start as a transition.
  expect(count('states, stored')).toBe(states + 1);
  expect(count('transitions')).toBe(transitions + 2);
});
