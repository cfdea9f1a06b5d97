import { expect, test, vi } from 'vitest';
import type { AdapterProcess } from '../adapter/adapter-process.ts';
import { FurtherAdapters, SpareAdapters } from './further-adapters.ts';

/** An implementation whose processes are only counted. */
function implementation() {
  const started: { broken: boolean | undefined }[] = [];
  const another = async (): Promise<AdapterProcess> => {
    const process = { broken: undefined, stderrLength: 0 };
    started.push(process);
    return process as unknown as AdapterProcess;
  };
  const end = (process: AdapterProcess): void => {
    for (const each of started) if (Object.is(each, process)) each.broken = true;
  };
  return { spare: new SpareAdapters({ another } as unknown as AdapterProcess), started, end };
}

/** Time enough for whatever does not wait. */
const moment = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('the next stage gets the process that the last one has given back', async () => {
  const { spare, started } = implementation();
  const first = new FurtherAdapters(spare, () => {});
  const process = await first.start();
  await first.end();
  const second = new FurtherAdapters(spare, () => {});
  expect(await second.start()).toBe(process);
  expect(started).toHaveLength(1);
});

test('a second stage makes room for another trial, and waits until one has ended', async () => {
  const { spare, started: processes } = implementation();
  const rests = [vi.fn(), vi.fn()];
  const stages = rests.map((rest) => new FurtherAdapters(spare, rest));
  const started = stages.map((stage) => stage.start());
  await moment();
  expect(processes).toHaveLength(1);
  expect(rests.map((rest) => rest.mock.calls.length)).toEqual([0, 1]);
  await stages[0]?.end();
  expect(await started[1]).toBe(await started[0]);
});

test('a stage that has one gets a second one without waiting', async () => {
  const { spare, started } = implementation();
  const stage = new FurtherAdapters(spare, () => {});
  await Promise.all([stage.start(), stage.start()]);
  expect(started).toHaveLength(2);
});

test('one that has ended is not given back', async () => {
  const { spare, started, end } = implementation();
  const first = new FurtherAdapters(spare, () => {});
  end(await first.start());
  await first.end();
  await new FurtherAdapters(spare, () => {}).start();
  expect(started).toHaveLength(2);
});
