// What the cheating adapters share: lines in, lines out, and a handshake that promises everything.
import { CAPABILITIES } from '../src/protocol/messages.ts';

export type Call = { id: number; method: string; params: Record<string, unknown> };

export const HANDSHAKE = {
  protocol_version: 1,
  name: 'cheat',
  language: 'TypeScript',
  runtime: `Node ${process.versions.node}`,
  library: 'none',
  version: '0',
  capabilities: [...CAPABILITIES],
};

export async function serve(answer: (call: Call) => unknown): Promise<void> {
  let rest = '';
  for await (const chunk of process.stdin.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const call = JSON.parse(line) as Call;
      const result = call.method === 'initialize' ? HANDSHAKE : answer(call);
      if (result !== undefined)
        console.log(JSON.stringify({ jsonrpc: '2.0', id: call.id, result }));
    }
  }
}
