import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** Does something while somebody else listens on a port of 127.0.0.1. */
export async function whilePortIsTaken<Result>(
  act: (port: number) => Promise<Result>,
): Promise<Result> {
  const other = createServer().listen(0, '127.0.0.1');
  try {
    await once(other, 'listening');
    return await act((other.address() as AddressInfo).port);
  } finally {
    other.close();
  }
}
