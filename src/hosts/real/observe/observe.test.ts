import { expect, test } from 'vitest';
import { expectedObservation } from '../../../../models/expected-observation.ts';
import { homelab } from '../../../../models/homelab.ts';
import { firstWorld } from '../../../../models/transitions/first.ts';
import { lookAt } from '../../../../tests/helpers/recorded.ts';
import { createSimulator } from '../../simulator/index.ts';
import type { Look } from './look.ts';
import { observed } from './observe.ts';
import { unitsSeen } from './units.ts';

const calm = lookAt('calm');
const operator = { name: 'homelab', uid: 1500, home: '/home/homelab' };

/** The machine at rest, with the container of web/app replaced. */
const withApp = (change: { readonly id?: string; readonly startedAt?: string }): Look => ({
  ...calm,
  containers: calm.containers.map(one => (one.service === 'web/app' ? { ...one, ...change } : one)),
});

test('the first look has nothing to compare with', () => {
  const { seen } = observed(calm, null);
  expect(Object.values(seen.units).map(unit => unit.restarted)).toEqual([false, false]);
  expect(Object.values(seen.containers).map(one => [one.instance, one.restarted])).toEqual(Array(3).fill([1, false]));
});

test('the same look twice gives the same observation', () => {
  const first = observed(calm, null);
  expect(observed(calm, first.memory).seen).toEqual(first.seen);
});

test('a start that moved shows at the next look only', () => {
  const { memory } = observed(calm, null);
  const again = observed(withApp({ startedAt: 'later' }), memory);
  expect(again.seen.containers['web/app']).toMatchObject({ instance: 1, restarted: true });
  expect(again.seen.containers['duo/db']).toMatchObject({ restarted: false });
  const calmed = observed(withApp({ startedAt: 'later' }), again.memory);
  expect(calmed.seen.containers['web/app']).toMatchObject({ restarted: false });
});

test('a container made anew is the next instance, also after it was away for a while', () => {
  const first = observed(calm, null);
  const away = observed({ ...calm, containers: [] }, first.memory);
  const back = observed(withApp({ id: 'another', startedAt: 'later' }), away.memory);
  expect(back.seen.containers['web/app']).toMatchObject({ instance: 2, restarted: false });
  expect(back.seen.containers['duo/db']).toMatchObject({ instance: 1 });
});

test('a second container of a service is numbered', () => {
  const app = calm.containers.find(one => one.service === 'web/app');
  if (app === undefined) throw new Error('the fixture has no web/app');
  const two = { ...calm, containers: [...calm.containers, { ...app, id: 'another' }] };
  expect(Object.keys(observed(two, null).seen.containers)).toEqual(['duo/api', 'duo/db', 'web/app', 'web/app#2']);
});

test('a unit restarted while the manager was away counts as restarted', () => {
  const units = new Map([...calm.units].map(([name, unit]) => [name, { ...unit, activeSince: unit.activeSince + 1 }]));
  const first = observed(calm, null);
  const down = observed({ ...calm, manager: 'down', units: new Map() }, first.memory);
  expect(down.seen.units).toEqual({});
  const up = observed({ ...calm, units }, down.memory);
  expect(up.seen.units['web-stack.service']).toMatchObject({ restarted: true });
});

test('a unit that has not become active since its manager began is not restarted', () => {
  const units = new Map([...calm.units].map(([name, unit]) => [name, { ...unit, activeSince: 0 }]));
  const { seen } = observed({ ...calm, units }, observed(calm, null).memory);
  expect(seen.units['web-stack.service']).toMatchObject({ restarted: false });
});

test('temporary files that are new are left over, with what is random in their names taken out', () => {
  const before = { ...calm, temporary: ['/tmp/.X11-unix', '/tmp/old'] };
  const { memory, seen } = observed(before, null);
  expect(seen.leftovers).toEqual([]);
  const after = { ...before, temporary: [...before.temporary, '/tmp/tmp.aB3dE6gH1j', '/var/tmp/compose-up'] };
  expect(observed(after, memory).seen.leftovers).toEqual(['file /tmp/tmp-ID', 'file /var/tmp/compose-up']);
});

const keysIn = (part: object = {}): readonly string[] => Object.keys(part);

test('it is written as the simulator and the model write theirs, so that equal machines give equal JSON', async () => {
  const simulated = createSimulator({ setup: homelab, provider: 'docker-compose' });
  await simulated.reset();
  const one = observed(calm, null).seen;
  for (const other of [await simulated.observe(), expectedObservation(firstWorld(homelab))]) {
    expect(keysIn(one)).toEqual(keysIn(other));
    expect(keysIn(one.units['web-stack.service'])).toEqual(keysIn(other.units['web-stack.service']));
    expect(keysIn(one.containers['web/app'])).toEqual(keysIn(other.containers['web/app']));
  }
});

test('a named volume that was made anew is the next of its name, and empty of what was in the first', () => {
  const at = (made: string): Look => ({ ...calm, volumes: new Map([['media_data', made]]) });
  const first = observed(at('monday'), null);
  expect(observed(calm, null).seen.volumes).toBeUndefined();
  expect(first.seen.volumes).toEqual({ media_data: 1 });
  expect(observed(at('monday'), first.memory).seen.volumes).toEqual({ media_data: 1 });
  expect(observed(at('tuesday'), first.memory).seen.volumes).toEqual({ media_data: 2 });
});

test('where podman is not asked for its lists, nothing is said of volumes, and settings are as they were', () => {
  const volumes = new Map([['media_data', 'monday']]);
  const withSettings = (settings: string): Look => ({
    ...calm,
    containers: calm.containers.map(one => ({ ...one, container: { ...one.container, settings } })),
  });
  const first = observed({ ...withSettings('network media_back internal'), volumes }, null);
  const down = observed({ ...withSettings('network media_back'), volumes: null }, first.memory);
  expect(down.seen.volumes).toBeUndefined();
  expect(down.seen.containers['web/app']?.settings).toBe('network media_back internal');
  const up = observed({ ...withSettings('network media_back internal'), volumes }, down.memory);
  expect(up.seen.volumes).toEqual({ media_data: 1 });
  expect(observed({ ...calm, volumes: new Map() }, up.memory).seen.volumes).toEqual({});
});

test('another loaded text, or other variables, have another number, and the same ones the same again', () => {
  const withTexts = (text: string, variables: string): Look => ({
    ...calm,
    units: new Map(
      [...calm.units].map(([name, unit]) => [name, name === 'web-stack.service' ? { ...unit, text } : unit]),
    ),
    containers: calm.containers.map(one => (one.service === 'web/app' ? { ...one, variables } : one)),
  });
  const numbers = ({ seen }: ReturnType<typeof observed>) => [
    seen.units['web-stack.service']?.text,
    seen.containers['web/app']?.variables,
  ];
  const first = observed(withTexts('ExecStart=one', 'A=1'), null);
  const other = observed(withTexts('ExecStart=two', 'A=1\nJUNK=1'), first.memory);
  const again = observed(withTexts('ExecStart=one', 'A=1'), other.memory);
  expect([first, other, again].map(numbers)).toEqual([
    [1, 1],
    [2, 2],
    [1, 1],
  ]);
});

test('the text of a unit is what a file sets, and not when a command of it ran', () => {
  const said = (run: string, environment: string, requires = 'basic.target app.slice'): string =>
    `Id=web-stack.service
LoadState=loaded
ActiveState=active
ActiveEnterTimestampMonotonic=${run}
Environment=${environment}
Requires=${requires}
ExecStart={ path=/bin/true ; argv[]=/bin/true up ; ignore_errors=no ; start_time=[${run}] ; stop_time=[${run}] ; pid=${run} ; code=exited ; status=0 }`;
  const textOf = (text: string) => unitsSeen(text, operator).get('web-stack.service')?.text;
  expect(textOf(said('17', 'A=1'))).toContain('argv[]=/bin/true up ; ignore_errors=no');
  expect(textOf(said('18', 'A=1'))).toBe(textOf(said('17', 'A=1')));
  expect(textOf(said('17', 'A=1', 'app.slice basic.target'))).toBe(textOf(said('17', 'A=1')));
  expect(textOf(said('17', 'A=2'))).not.toBe(textOf(said('17', 'A=1')));
});
