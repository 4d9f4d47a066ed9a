import { expect, test } from 'vitest';
import { Sick } from '../../../models/host.ts';
import { poolOf } from './pool.ts';

/** Things that are made when the test says so, with a log of what happened to them. */
function things() {
  const log: string[] = [];
  const doors: { open(): void; fail(error: Error): void }[] = [];
  const make = (signal: AbortSignal) => {
    const number = doors.length + 1;
    log.push(`make ${number}`);
    const thing = { number, down: async () => void log.push(`down ${number}`) };
    return new Promise<typeof thing>((resolve, reject) => {
      doors.push({ open: () => resolve(thing), fail: reject });
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  };
  const turn = () => new Promise(done => setImmediate(done));
  return { log, make, turn, door: (number: number) => doors[number - 1] ?? expect.unreachable(`no ${number}`) };
}

test('the next ones are made while one is in use, one after the other', async () => {
  const { log, make, turn, door } = things();
  const pool = poolOf(make, 2);
  await turn();
  expect(log).toEqual(['make 1']);
  door(1).open();
  expect((await pool.take()).number).toBe(1);
  await turn();
  expect(log).toEqual(['make 1', 'make 2']);
  door(2).open();
  await turn();
  expect(log).toEqual(['make 1', 'make 2', 'make 3']);
  door(3).open();
  await turn();
  expect(log).toEqual(['make 1', 'make 2', 'make 3']); // two are ready: enough
  await pool.close();
  await pool.close();
  expect(log.slice(3)).toEqual(['down 2', 'down 3']); // the pool does not take down one that was taken
});

test('as many are made at once as the pool is told to', async () => {
  const { log, make, turn, door } = things();
  const pool = poolOf(make, 3, undefined, 2);
  await turn();
  expect(log).toEqual(['make 1', 'make 2']);
  door(1).open();
  await turn();
  expect(log).toEqual(['make 1', 'make 2', 'make 3']);
  for (const number of [2, 3]) door(number).open();
  await pool.close();
  expect(log.slice(3)).toEqual(['down 1', 'down 2', 'down 3']);
});

test('no more are made than are expected, unless they are asked for', async () => {
  const { log, make, turn, door } = things();
  const pool = poolOf(make, 2, 2);
  for (const number of [1, 2]) {
    await turn();
    door(number).open();
    expect((await pool.take()).number).toBe(number);
  }
  await turn();
  expect(log).toEqual(['make 1', 'make 2']);
  const third = pool.take();
  await turn();
  door(3).open();
  expect((await third).number).toBe(3);
  await pool.close();
  expect(log).toEqual(['make 1', 'make 2', 'make 3']);
});

test('with nothing ahead, one is made when it is asked for', async () => {
  const { log, make, turn, door } = things();
  const pool = poolOf(make, 0);
  await turn();
  expect(log).toEqual([]);
  const taken = pool.take();
  await turn();
  door(1).open();
  expect((await taken).number).toBe(1);
  await turn();
  expect(log).toEqual(['make 1']);
});

test('a failure to make one makes that take sick, and the next take tries again', async () => {
  const { make, turn, door } = things();
  const pool = poolOf(make, 1);
  await turn();
  door(1).fail(new Error('no room'));
  await turn(); // it fails while nobody waits for it
  const failed = pool.take();
  await expect(failed).rejects.toThrow(Sick);
  await expect(failed).rejects.toThrow('no machine could be booted: no room');
  await turn();
  door(2).open();
  expect((await pool.take()).number).toBe(2);
  await pool.close();
});

test('closing takes down what was ready, cancels what was being made, and then gives out nothing', async () => {
  const { log, make, turn, door } = things();
  const pool = poolOf(make, 2);
  await turn();
  door(1).open();
  await turn();
  await pool.close();
  expect(log).toEqual(['make 1', 'make 2', 'down 1']);
  await expect(pool.take()).rejects.toThrow(Sick);
});
