import { expect, test, vi } from 'vitest';
import type { AdapterProcess } from '../adapter/adapter-process.ts';
import { FurtherAdapters, SpareAdapters } from './further-adapters.ts';

/** An implementation whose processes are only counted. */
function implementation() {
  const umasks: (string | undefined)[] = [];
  const ended: number[] = [];
  const another = async (umask?: string): Promise<AdapterProcess> => {
    const index = umasks.push(umask) - 1;
    const end = async (): Promise<void> => void ended.push(index);
    return { broken: undefined, stderrLength: 0, end } as unknown as AdapterProcess;
  };
  return { spare: new SpareAdapters({ another } as unknown as AdapterProcess), umasks, ended };
}

/** Time enough for whatever does not wait. */
const moment = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('the next stage gets the process that the last one has given back', async () => {
  const { spare, umasks } = implementation();
  const first = new FurtherAdapters(spare, () => {});
  const process = await first.start();
  await first.end();
  const second = new FurtherAdapters(spare, () => {});
  expect(await second.start()).toBe(process);
  expect(umasks).toHaveLength(1);
});

test('a third stage makes room for another trial, and waits until one has ended', async () => {
  const { spare, umasks } = implementation();
  const rests = [vi.fn(), vi.fn(), vi.fn()];
  const stages = rests.map((rest) => new FurtherAdapters(spare, rest));
  const started = stages.map((stage) => stage.start());
  await moment();
  expect(umasks).toHaveLength(2);
  expect(rests.map((rest) => rest.mock.calls.length)).toEqual([0, 0, 1]);
  await stages[0]?.end();
  expect(await started[2]).toBe(await started[0]);
});

test('a stage that has one gets a second one without waiting', async () => {
  const { spare, umasks } = implementation();
  const stages = [1, 2].map(() => new FurtherAdapters(spare, () => {}));
  await Promise.all(stages.flatMap((stage) => [stage.start(), stage.start()]));
  expect(umasks).toHaveLength(4);
});

test('a process with a umask of its own is newly started and ends with its stage', async () => {
  const { spare, umasks, ended } = implementation();
  const other = process.umask() === 0 ? '077' : '000';
  const stage = new FurtherAdapters(spare, () => {});
  await stage.start();
  await stage.start(process.umask().toString(8));
  await stage.start(other);
  await stage.end();
  expect(umasks).toEqual([undefined, undefined, other]);
  expect(ended).toEqual([2]);
});
