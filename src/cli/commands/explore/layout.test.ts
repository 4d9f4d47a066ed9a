import { setFlagsFromString } from 'node:v8';
import { expect, test } from 'vitest';
import { textScribe } from '../../../../models/search/state-writer.ts';
import { enabledIn } from '../../../engine/explore/enabled.ts';
import { hashScribe } from '../../../engine/explore/hash.ts';
import { type ExploredState, startState, taken } from '../../../engine/explore/transition.ts';
import type { Simulated } from '../../../hosts/simulator/simulation.ts';
import { exploredOf } from './explored.ts';

type State = ExploredState<Simulated, Awaited<ReturnType<typeof worldOf>>, unknown>;
const worldOf = async () => (await exploredOf({ profile: 'hardened', provider: 'docker-compose' })).model.start();

/** The states that one step more leads to, by every step or by some. */
async function after(explored: Awaited<ReturnType<typeof exploredOf>>, from: State, every = 1): Promise<State[]> {
  const states: State[] = [];
  for (const [at, step] of enabledIn(explored.model, from.world).entries()) {
    if (at % every !== 0) continue;
    const transition = await taken(explored, from as never, step, step.does);
    if (transition.kind === 'held') states.push(transition.next);
  }
  return states;
}

test('all worlds, machines and their parts are laid out alike in memory, whatever was done', async () => {
  setFlagsFromString('--allow-natives-syntax');
  const areLaidOutAlike = new Function('one', 'other', 'return %HaveSameMap(one, other)') as (
    one: object,
    other: object,
  ) => boolean;
  const layouts = new Map<string, object[]>();
  const note = (what: string, one: object | null | undefined): void => {
    if (one === null || one === undefined) return;
    const known = layouts.get(what) ?? [];
    layouts.set(what, known);
    if (!known.some(other => areLaidOutAlike(one, other))) known.push(one);
  };
  const explored = await exploredOf({ profile: 'hardened', provider: 'docker-compose' });
  const first = await after(explored, startState(explored) as State, 3);
  for (const state of first) {
    for (const { world, it } of await after(explored, state, 97)) {
      note('world', world);
      for (const stack of Object.values(world.stacks)) {
        note('stack', stack);
        for (const container of Object.values(stack.containers)) note('container', container);
      }
      const { machine, observer } = explored.simulation.fork(it);
      for (const [what, part] of Object.entries({ machine, observer, ...machine })) {
        if (['machine', 'observer', 'disk', 'manager', 'profile', 'oneshot', 'secrets'].includes(what)) {
          note(`simulated ${what}`, part as object | null);
        }
      }
      note('simulated places', machine.manager?.places);
      for (const container of machine.containers) note('simulated container', container);
      for (const unit of machine.manager?.units.values() ?? []) note('simulated unit', unit);
      for (const { unit, wants } of machine.disk.slots.values()) {
        for (const node of [...unit, ...wants]) note(`node: ${node?.kind}`, node);
      }
    }
  }
  // V8 changes a layout when it first meets another kind of value: a few of each are none too many.
  const many = [...layouts].filter(([, found]) => found.length > 4).map(([what, { length }]) => [what, length]);
  expect(many).toEqual([]);
  expect(layouts.size).toBeGreaterThan(14);
});

test('hashes tell as many states of a machine apart as texts do', async () => {
  const operations = ['change-environment', 'replace-unit', 'set-restart-policy', 'rollback', 'daemon-reload', 'mask'];
  const explored = await exploredOf({ profile: 'home-manager', provider: 'podman-compose', operations });
  const [hashes, texts] = [new Set<string>(), new Set<string>()];
  const scribe = hashScribe();
  const note = ({ world, it }: State, left: number): void => {
    scribe.begin(left > 0);
    explored.simulation.write(world, it, left, scribe);
    const hash = `${left} ${scribe.high()} ${scribe.low()}`;
    hashes.add(hash);
    // What a scribe keeps of the states before changes nothing.
    const another = hashScribe();
    another.begin(false);
    explored.simulation.write(world, it, left, another);
    expect(`${left} ${another.high()} ${another.low()}`).toBe(hash);
    const text = textScribe();
    explored.simulation.write(world, it, left, text);
    texts.add(`${left} ${text.text()}`);
  };
  for (const state of await after(explored, startState(explored) as State)) {
    note(state, 1);
    for (const next of await after(explored, state)) note(next, 0);
  }
  expect(hashes.size).toBe(texts.size);
  expect(hashes.size).toBeGreaterThan(200);
});
