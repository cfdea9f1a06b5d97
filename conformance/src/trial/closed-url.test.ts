import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { closedUrl } from './closed-url.ts';

const port = async (): Promise<number> => Number(new URL(await closedUrl()).port);

test('a connection is refused', async () => {
  const caller = connect(await port(), '127.0.0.1');
  await expect(once(caller, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('nobody else gets the port', async () => {
  const taker = createServer().listen(await port(), '127.0.0.1');
  await expect(once(taker, 'listening')).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
