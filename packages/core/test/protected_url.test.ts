import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../src/error_classes.ts';
import { baseOf, protectedUrl } from '../src/protected_url.ts';

const API = new URL('http://127.0.0.1:8001/api?version=2');
const places = { apiBase: baseOf(API), apiOrigins: new Set([API.origin]) };

// Texts of the pieces that lead elsewhere, or are dropped on the way: schemes, slashes of both kinds, dots, users, tabs, line ends.
const PIECES = String.raw`http: HTTPS: javascript: // / \ \\ .. . %2e @ : ? # evil.example 127.0.0.1:8001 v1 ä %`;
const piece = fc.constantFrom(...PIECES.split(' '), ' ', '\t', '\n', '\r', '\0');
const address = fc.oneof(
  fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
  fc.string(),
  fc.webUrl(),
);

describe('protectedUrl(): RFC 9700, section 4.9', () => {
  test('whatever it lets through is where the base and the address lead, and at the API', () => {
    fc.assert(
      fc.property(address, (input) => {
        const expected = URL.parse(input, places.apiBase);
        const isOurs = expected?.origin === API.origin && !expected.username && !expected.password;
        if (!isOurs) {
          expect(() => protectedUrl(input, places)).toThrow(ConfigError);
          return;
        }
        expect(new URL(protectedUrl(input, places)).href).toBe(expected.href);
      }),
      { numRuns: 20_000 },
    );
  });

  test.each([
    ['v1/catalogs/', 'http://127.0.0.1:8001/api/v1/catalogs/'],
    ['v1?a=b', 'http://127.0.0.1:8001/api/v1?a=b'],
    ['/v1', 'http://127.0.0.1:8001/v1'],
    ['http://127.0.0.1:8001/v1', 'http://127.0.0.1:8001/v1'],
  ])('%s', (input, href) => expect(protectedUrl(input, places)).toBe(href));

  test.each([
    ['http://evil.example/', 'not to http://evil.example'],
    ['//evil.example/', 'not to http://evil.example'],
    ['\t//evil.example/', 'not to http://evil.example'],
    ['h\nttp://evil.example/', 'not to http://evil.example'],
    ['http:\\\\evil.example', 'not to http://evil.example'],
    ['http://', 'an address that is no URL'],
    ['http://id:secret@127.0.0.1:8001/', 'must hold no name and no password'],
  ])('%j is refused', (input, why) => expect(() => protectedUrl(input, places)).toThrow(why));

  test.each([
    ['http://127.0.0.1:8001', 'http://127.0.0.1:8001/'],
    ['http://127.0.0.1:8001/api', 'http://127.0.0.1:8001/api/'],
    ['http://127.0.0.1:8001/api/?version=2#top', 'http://127.0.0.1:8001/api/'],
    ['http://127.0.0.1:8001//evil.example/', 'http://127.0.0.1:8001//evil.example/'],
    ['http://127.0.0.1:8001//evil.example', 'http://127.0.0.1:8001//evil.example/'],
  ])('the base of %s', (url, base) => expect(baseOf(new URL(url))).toBe(base));

  test('an address for which no API is configured', () => {
    const nowhere = { apiBase: undefined, apiOrigins: new Set<string>() };
    expect(() => protectedUrl('v1', nowhere)).toThrow('apiUrl is missing');
  });
});
