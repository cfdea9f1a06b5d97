import type { z } from 'zod';
import {
  type MethodName,
  methods,
  type Params,
  response,
  type Result,
} from '../protocol/messages.ts';
import { type AdapterBroken, NoAnswer, RpcError } from './adapter-broken.ts';

// A client that hangs in one call may answer others; one that hangs in three is not worth waiting for.
const MOST_UNANSWERED = 3;

interface Pending {
  readonly method: MethodName;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** The calls to one adapter, in JSON-RPC 2.0: what is sent, and which answer belongs to which of them. */
export class Calls {
  readonly #send: (line: string) => void;
  readonly #giveUp: (why: string) => void;
  readonly #pending = new Map<number, Pending>();
  #unanswered = 0;
  #nextId = 1;

  /**
   * @param send writes a line to the adapter.
   * @param giveUp is told why the adapter is not worth another call.
   */
  constructor(send: (line: string) => void, giveUp: (why: string) => void) {
    this.#send = send;
    this.#giveUp = giveUp;
  }

  /**
   * @param limitMs how long to wait for the answer, in milliseconds.
   * @throws AdapterBroken, NoAnswer or RpcError
   */
  async call<Name extends MethodName>(
    name: Name,
    params: Params<Name>,
    limitMs: number,
  ): Promise<Result<Name>> {
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const timer = setTimeout(() => {
      reject(new NoAnswer(`${name}: no answer within ${limitMs / 1000} s`));
      if (++this.#unanswered >= MOST_UNANSWERED)
        this.#giveUp(`it left ${MOST_UNANSWERED} calls without an answer`);
    }, limitMs);
    this.#pending.set(id, { method: name, resolve, reject });
    const sent = methods[name].params.parse(params);
    this.#send(`${JSON.stringify({ jsonrpc: '2.0', id, method: name, params: sent })}\n`);
    try {
      const result = await promise;
      this.#unanswered = 0;
      return checked(name, result);
    } finally {
      clearTimeout(timer);
      this.#pending.delete(id);
    }
  }

  /** Takes a line of the adapter's standard output. */
  receive(line: string): void {
    const message = response.safeParse(parsed(line));
    if (!message.success)
      return this.#giveUp('it wrote a line that is no JSON-RPC answer to standard output');
    const pending = this.#pending.get(message.data.id ?? -1);
    if (!pending) return;
    if ('error' in message.data) {
      const { code, message: text } = message.data.error;
      pending.reject(
        new RpcError(
          code,
          `it answered ${pending.method} with the JSON-RPC error ${code}: ${text}`,
        ),
      );
    } else pending.resolve(message.data.result);
  }

  /** Ends all calls that wait for an answer. */
  fail(broken: AdapterBroken): void {
    for (const pending of this.#pending.values()) pending.reject(broken);
  }
}

function checked<Name extends MethodName>(name: Name, result: unknown): Result<Name> {
  const schema: z.ZodType = methods[name].result;
  const answer = schema.safeParse(result);
  if (answer.success) return answer.data as Result<Name>;
  const issue = answer.error.issues[0];
  const where = issue?.path.join('.') ?? '';
  throw new RpcError(
    -32603,
    `its answer to ${name} does not fit the protocol: ${where && `${where}: `}${issue?.message ?? ''}`,
  );
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
