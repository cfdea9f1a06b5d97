import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { OAuthError } from '../src/errors.ts';
import { readTokenResponse, type TokenResponse } from '../src/token_response.ts';

const CANARY = 'canaryTokenThatNoErrorMayShow';

function read(text: string, status = 200): TokenResponse | OAuthError {
  try {
    return readTokenResponse(
      { status, text, headers: new Headers() },
      'POST https://id.example/token',
    );
  } catch (error) {
    // Whatever else is thrown is a bug, and fails the property.
    if (error instanceof OAuthError) return error;
    throw error;
  }
}

const status = fc.oneof(fc.constant(200), fc.integer({ min: 200, max: 599 }));
// As servers and attackers write them: every JSON value in every member, and members that objects inherit.
const member = fc.constantFrom(
  'access_token',
  'token_type',
  'expires_in',
  'refresh_token',
  'refresh_expires_in',
  'scope',
  'id_token',
  'error',
  'error_description',
  'error_uri',
  '__proto__',
  'constructor',
  'toString',
);
const body = fc.dictionary(
  member,
  fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(
      'Bearer',
      'bearer',
      'mac',
      'invalid_grant',
      'a',
      60,
      '60',
      'constructor',
      'töken',
      'a\nb',
    ),
  ),
);

// All but right: what a server would send, with one member that is anything.
const nearly = fc.record({
  access_token: fc.string({ unit: 'binary', minLength: 1 }),
  token_type: fc.constant('Bearer'),
  expires_in: fc.jsonValue(),
});

test('any text and status: a usable token or an OAuthError, never anything else', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        nearly.map((one) => JSON.stringify(one)),
        body.map((one) => JSON.stringify(one)),
      ),
      status,
      (text, code) => {
        const result = read(text, code);
        if (result instanceof OAuthError) {
          expect(result).toMatchObject({ httpStatus: code, delivery: 'answered' });
          return;
        }
        expect(code).toBeLessThan(300);
        expect(result.accessToken).toMatch(/^[\x20-\x7e]+$/);
        for (const seconds of [result.expiresIn, result.refreshExpiresIn]) {
          expect(seconds === undefined || (Number.isFinite(seconds) && seconds > 0)).toBe(true);
        }
      },
    ),
    { numRuns: 5_000 },
  );
});

test('an error says nothing of a token in the body, and nothing that a terminal would obey', () => {
  const hostile = fc.string({ unit: 'binary', maxLength: 2_000 });
  fc.assert(
    fc.property(body, status, hostile, hostile, (more, code, error, error_description) => {
      const text = JSON.stringify({
        ...more,
        error,
        error_description,
        access_token: CANARY,
        extra: CANARY,
      });
      const result = read(text, code);
      if (!(result instanceof OAuthError)) return;
      expect(result.message).not.toContain(CANARY);
      expect(result.message.length).toBeLessThan(700);
      expect(result.message).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    }),
    { numRuns: 2_000 },
  );
});

test('what a server sends by the letter comes back by the letter', () => {
  const printable = fc.stringMatching(/^[\x21-\x7e]{1,40}$/);
  const answer = fc.record({
    access_token: printable,
    token_type: fc.mixedCase(fc.constant('bearer')),
    expires_in: fc.integer({ min: 1, max: 1e9 }),
    refresh_token: fc.option(printable, { nil: undefined }),
    scope: fc.option(printable, { nil: undefined }),
  });
  fc.assert(
    fc.property(answer, fc.dictionary(printable, fc.jsonValue()), (sent, unknown) => {
      const { error: _, ...others } = unknown;
      const result = read(
        JSON.stringify({ ...others, refresh_expires_in: 0, id_token: '', ...sent }),
      );
      expect(result).toEqual({
        accessToken: sent.access_token,
        expiresIn: sent.expires_in,
        refreshToken: sent.refresh_token ?? text(others['refresh_token']),
        refreshExpiresIn: undefined,
        scope: sent.scope ?? text(others['scope']),
        idToken: undefined,
      });
    }),
    { numRuns: 1_000 },
  );
});

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
