import { INSPECT } from './inspection.ts';

/**
 * A text that shows `***` wherever it is printed: interpolation, `console.log`, JSON, errors. Only {@link reveal}
 * gives the text itself (RFC 6749, sections 10.3 and 10.4: credentials and tokens are kept confidential).
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The text itself, for the one place that sends it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return this.toString();
  }

  [INSPECT](): string {
    return this.toString();
  }
}

/**
 * A token. Its print carries a short digest, so that two log lines can be seen to speak
 * of the same token. A client secret has none: people choose short ones, and a digest would confirm a guess.
 */
export class TokenSecret extends Secret {
  /** The first 8 hexadecimal digits of its SHA-256. */
  get digest(): string {
    // Only who prints a token needs it, and it is a quarter of what this package takes to load.
    const { createHash } = process.getBuiltinModule('node:crypto');
    return createHash('sha256').update(this.reveal()).digest('hex').slice(0, 8);
  }

  /** How many characters it has. */
  get length(): number {
    return this.reveal().length;
  }

  override toString(): string {
    return `***sha256:${this.digest}`;
  }
}
