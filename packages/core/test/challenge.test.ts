import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bearerChallenge } from '../src/challenge.ts';

function read(...lines: string[]) {
  const headers = new Headers();
  for (const line of lines) headers.append('WWW-Authenticate', line);
  return bearerChallenge(headers);
}

const EXPIRED = { error: 'invalid_token', errorDescription: 'Token verification failed' };

describe('bearerChallenge(): what servers send', () => {
  test.each([
    [
      'Keycloak',
      'Bearer realm="korusticket", error="invalid_token", error_description="Token verification failed"',
      EXPIRED,
    ],
    ['Keycloak without a token', 'Bearer realm="korusticket"', {}],
    [
      'Keycloak for DPoP',
      'DPoP algs="PS384 ES256", realm="korusticket", error="invalid_token", error_description="Token verification failed"',
      'none',
    ],
    [
      'Django OAuth Toolkit',
      'Bearer error="invalid_token",error_description="The access token has expired.",resource_metadata="http://127.0.0.1/o/x"',
      { error: 'invalid_token', errorDescription: 'The access token has expired.' },
    ],
    ['its token endpoint', 'Bearer error="invalid_client"', { error: 'invalid_client' }],
    [
      'django-oidc-provider, without a scheme',
      'error="invalid_token", error_description="The access token provided is expired, revoked, malformed, or invalid for other reasons"',
      {
        error: 'invalid_token',
        errorDescription:
          'The access token provided is expired, revoked, malformed, or invalid for other reasons',
      },
    ],
  ])('%s', (_, line, expected) => {
    expect(read(line)).toEqual(expected);
  });
});

describe('bearerChallenge(): forms', () => {
  test.each<[string, ReturnType<typeof read>]>([
    ['Bearer', {}],
    ['bEARER ERROR="invalid_token"', { error: 'invalid_token' }],
    ['Bearer, error="invalid_token"', { error: 'invalid_token' }],
    ['Bearer error=invalid_token', { error: 'invalid_token' }],
    ['Bearer error = "invalid_token" , scope\t=\t"a b"', { error: 'invalid_token', scope: 'a b' }],
    ['Bearer realm="x" error="invalid_token"', { error: 'invalid_token' }],
    [',, ,Bearer ,,error="invalid_token",,', { error: 'invalid_token' }],
    ['Bearer: error="invalid_token"', { error: 'invalid_token' }],
    ['Basic realm="a, Bearer error=\\"x\\"", Bearer error="y"', { error: 'y' }],
    ['Basic realm="a, Bearer error=x"', 'none'],
    ['Basic realm="x", error="invalid_token"', 'none'],
    ['Negotiate YWJj==, Bearer error="y"', { error: 'y' }],
    ['Negotiate Bearer, Digest error="y"', 'none'],
    ['Bearer YWJj, Digest error="y"', {}],
    ['Bearer error="y", Basic realm="x"', { error: 'y' }],
    ['Bearer realm="a", Bearer realm="b", error="y"', { error: 'y' }],
    ['Bearer error="first", error="second"', { error: 'first' }],
    ['error="x", Bearer realm="a"', {}],
    ['Bearer error_description="a \\"b\\" \\\\ c"', { errorDescription: 'a "b" \\ c' }],
    [
      'Bearer error_description=The Bearer expired, error=y',
      { errorDescription: 'The', error: 'y' },
    ],
    ['Bearer error="", scope=""', {}],
    ['Bearer error="y", scope="read\twrite"', { error: 'y' }],
    ['Bearer error="y", scope="read', { error: 'y' }],
    ['Bearerish error="y"', 'none'],
    ['realm="x"', 'none'],
    ['', 'none'],
  ])('%j', (line, expected) => {
    expect(read(line)).toEqual(expected);
  });

  test('several lines, and no line', () => {
    expect(read('Basic realm="x"', 'Bearer error="y"')).toEqual({ error: 'y' });
    expect(read()).toBe('none');
  });

  test('descriptions are cut and hold no control characters', () => {
    const answer = read(`Bearer error_description="a\u009bb${'c'.repeat(500)}"`);
    expect(answer).toEqual({ errorDescription: `a b${'c'.repeat(197)}…` });
  });

  test('what follows 8 KiB is not read', () => {
    const padding = `realm="${'x'.repeat(8192)}"`;
    expect(read(`Bearer error="y", ${padding}`)).toEqual({ error: 'y' });
    expect(read(`Bearer ${padding}, error="y"`)).toEqual({});
  });
});

describe('bearerChallenge(): properties', () => {
  const quoted = fc
    .string({ unit: fc.constantFrom('a', 'b', ' ', ',', '=', '"', '\\', '\t') })
    .map((text) => [text, `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`] as const);
  const foreign = fc
    .constantFrom('Basic', 'Digest', 'DPoP')
    .chain((scheme) => quoted.map(([, realm]) => `${scheme} realm=${realm}`));

  test('it is found among any others, in one line or several', () => {
    const error = fc.constantFrom('invalid_token', 'insufficient_scope');
    const around = fc.array(foreign, { maxLength: 3 });
    fc.assert(
      fc.property(
        around,
        error,
        quoted,
        around,
        fc.boolean(),
        (before, word, realm, after, one) => {
          const lines = [...before, `Bearer realm=${realm[1]}, error="${word}"`, ...after];
          expect(one ? read(lines.join(', ')) : read(...lines)).toEqual({ error: word });
        },
      ),
    );
  });

  test('foreign challenges are none, whatever their texts say', () => {
    fc.assert(
      fc.property(fc.array(foreign, { minLength: 1 }), (all) => {
        expect(read(all.join(', '))).toBe('none');
      }),
    );
  });

  test('nothing makes it throw', () => {
    const pieces = fc.constantFrom(
      'Bearer',
      'error',
      '=',
      '"',
      '\\',
      ',',
      ' ',
      '\t',
      'ä',
      ';',
      '==',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (all) => {
        expect(['string', 'object']).toContain(typeof read(all.join('')));
      }),
      { numRuns: 1000 },
    );
  });

  test.each(['"', 'a', 'a ', 'a=', 'a="', 'a="b",', '\\"', ',', ' ', '"\\', 'a a', 'a,', '='])(
    '8 KiB of %j take a moment only',
    (piece) => {
      const line = `Bearer x${piece.repeat(8192)}`;
      const startedAt = performance.now();
      read(line);
      // A quadratic one takes seconds; this is for slow machines.
      expect(performance.now() - startedAt).toBeLessThan(250);
    },
  );
});
