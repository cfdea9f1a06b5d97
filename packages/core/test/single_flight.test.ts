import { expect, test } from 'vitest';
import { SingleFlight } from '../src/single_flight.ts';

test('callers that come while work is under way share it', async () => {
  const flight = new SingleFlight<number>();
  let runs = 0;
  const work = async () => {
    await Promise.resolve();
    return ++runs;
  };
  expect(await Promise.all([flight.run(work), flight.run(work), flight.run(work)])).toEqual([
    1, 1, 1,
  ]);
  expect(await flight.run(work)).toBe(2);
});

test('a failure reaches all of them and is not remembered', async () => {
  const flight = new SingleFlight<string>();
  const fail = () => Promise.reject(new Error('no'));
  const results = await Promise.allSettled([flight.run(fail), flight.run(fail)]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await flight.run(() => Promise.resolve('yes'))).toBe('yes');
});
