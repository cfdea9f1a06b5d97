import { expect, test } from 'vitest';
import { AdapterBroken, NoAnswer, RpcError } from './adapter-broken.ts';
import { AdapterProcess } from './adapter-process.ts';

const HANDSHAKE = `({ protocol_version: 1, name: 'x', language: 'x', runtime: 'x', library: 'x', version: '1', capabilities: [] })`;

// A full pipe answers EAGAIN.
const FLOOD = "for (;;) try { require('node:fs').writeSync(FD, 'x'.repeat(1 << 16)) } catch {}";

/** An adapter that shakes hands, and answers every later line with what the script makes of it. */
function adapter(script: string): Promise<AdapterProcess> {
  const source = `
    require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
      const call = JSON.parse(line);
      const reply = (message) => console.log(JSON.stringify({ jsonrpc: '2.0', id: call.id, ...message }));
      if (call.method === 'initialize') reply({ result: ${HANDSHAKE} });
      else { ${script} }
    });`;
  return started([process.execPath, '-e', source]);
}

function started(command: string[]): Promise<AdapterProcess> {
  return AdapterProcess.start({
    command,
    folder: import.meta.dirname,
    env: { PATH: process.env['PATH'] ?? '' },
  });
}

const close = (running: AdapterProcess, limitMs?: number) =>
  running.call('client/close', { client: 'a' }, limitMs);

test('a command that does not exist is named', async () => {
  await expect(started(['no-such-adapter'])).rejects.toThrow(/no-such-adapter was not found/);
});

test('one that ends at once is told with its last words', async () => {
  const dying = started([process.execPath, '-e', "console.error('no library'); process.exit(7)"]);
  await expect(dying).rejects.toThrow(/ended with exit code 7[\s\S]*no library/);
});

test('another protocol version, or a handshake of another shape, is refused', async () => {
  const answer = (result: string) =>
    started([
      process.execPath,
      '-e',
      `process.stdin.on('data', () => console.log(JSON.stringify({ jsonrpc: '2.0', id: 1, result: ${result} })))`,
    ]);
  await expect(answer(`{ ...${HANDSHAKE}, protocol_version: 2 }`)).rejects.toThrow(
    /protocol_version/,
  );
  await expect(answer(`{ ...${HANDSHAKE}, capabilities: ['magic'] }`)).rejects.toThrow(
    /capabilities/,
  );
});

test('junk on standard output breaks it, and every later call says so', async () => {
  const running = await adapter("console.log('Loading library…')");
  await expect(close(running)).rejects.toThrow(/no JSON-RPC answer/);
  await expect(close(running)).rejects.toBeInstanceOf(AdapterBroken);
  await running.end();
});

test('a flood on standard error and an endless line are cut off', async () => {
  const flood = await adapter(FLOOD.replace('FD', '2'));
  await expect(close(flood)).rejects.toThrow(/over 16 MiB to standard error/);
  await flood.end();
  const line = await adapter(FLOOD.replace('FD', '1'));
  await expect(close(line)).rejects.toThrow(/a line over 4 MiB/);
  await line.end();
});

test('one call without an answer is that call only, three in a row are the end', async () => {
  const running = await adapter(
    "if (call.params.client === 'b') reply({ result: { outcome: 'ok' } })",
  );
  for (let call = 0; call < 2; call++)
    await expect(close(running, 50)).rejects.toBeInstanceOf(NoAnswer);
  expect(await running.call('client/close', { client: 'b' })).toEqual({ outcome: 'ok' });
  await expect(close(running, 50)).rejects.toBeInstanceOf(NoAnswer);
  expect(await running.call('client/close', { client: 'b' })).toEqual({ outcome: 'ok' });
  await Promise.allSettled([close(running, 50), close(running, 50), close(running, 50)]);
  await expect(close(running)).rejects.toThrow(/three calls|3 calls without an answer/);
  await running.end();
});

test('an answer of another shape and a JSON-RPC error are told apart from what OAuth says', async () => {
  const odd = await adapter("reply({ result: { outcome: 'ok', token: 'abc' } })");
  await expect(close(odd)).rejects.toThrow(/does not fit the protocol/);
  await odd.end();
  const failing = await adapter("reply({ error: { code: -32603, message: 'boom' } })");
  await expect(close(failing)).rejects.toBeInstanceOf(RpcError);
  await failing.end();
});

test('what it said before an answer is there with the answer', async () => {
  const talking = await adapter(
    "console.error(`said before ${call.id}`); reply({ result: { outcome: 'ok' } })",
  );
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const missed: number[] = [];
  for (let call = 0; call < 10; call++) {
    const from = talking.stderrLength;
    const answer = close(talking);
    // As on a busy machine, this process sees both only when both are there.
    Atomics.wait(cell, 0, 0, 30);
    await answer;
    if (!talking.stderrSince(from).includes('said before')) missed.push(call);
  }
  expect(missed).toEqual([]);
  await talking.end();
});

test('U+2028 inside a message ends no line', async () => {
  const running = await adapter(
    "reply({ result: { outcome: 'error', error: { class: 'network', message: 'a\\u2028b' } } })",
  );
  expect(await close(running)).toMatchObject({ error: { message: 'a\u2028b' } });
  await running.end();
});

test('one that ignores the end of its input is ended', async () => {
  const running = await adapter(
    "reply({ result: { outcome: 'ok' } }); setInterval(() => {}, 1000)",
  );
  await close(running);
  await running.end(100);
  await expect.poll(() => running.broken?.message).toMatch(/ended by SIG/);
});

test('another process of it has umask 000, and its own end', async () => {
  const first = await adapter(
    "const message = (process.umask() & 0o777).toString(8); reply({ result: { outcome: 'error', error: { class: 'network', message } } })",
  );
  const another = await first.another();
  expect(another.pid).not.toBe(first.pid);
  expect(await close(another)).toMatchObject({ error: { message: '0' } });
  await another.end();
  expect(await close(first)).toMatchObject({ outcome: 'error' });
  await first.end();
});

test('one that is killed leaves its calls without an answer', async () => {
  const running = await adapter('');
  const call = close(running);
  running.kill();
  await expect(call).rejects.toThrow(/ended by SIGKILL/);
  await running.end();
  running.kill();
});
