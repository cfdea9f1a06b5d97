export type JsonObject = Readonly<Record<string, unknown>>;

/** The parser's message would quote the body, and with it the token: so only the fact of a failure leaves this place. */
export function jsonObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
