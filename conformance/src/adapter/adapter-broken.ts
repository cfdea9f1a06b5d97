/** The adapter itself does not work: it died, hangs, or does not speak the protocol. Never what a client says of OAuth. */
export class AdapterBroken extends Error {}

/** One call got no answer in time; others may. */
export class NoAnswer extends Error {}

/** The adapter answered one call with a JSON-RPC error. */
export class RpcError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}
