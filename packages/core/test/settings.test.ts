import { describe, expect, test } from 'vitest';
import { checkSettings } from '../src/settings.ts';
import { settingsFromEnvironment } from '../src/settings_from_environment.ts';

const GOOD = { tokenUrl: 'https://id.example/token', clientId: 'id', clientSecret: 'secret' };

describe('checkSettings()', () => {
  test('names everything that is wrong at once', () => {
    expect(() => checkSettings({ refreshUrl: 'ftp://x', clientAuth: 'none' })).toThrow(
      /issuer or tokenUrl is missing; clientId is missing; refreshUrl must be https/,
    );
  });

  test.each([
    'http://id.example/token',
    'http://127.0.0.1.example/token',
    'http://localhost.example/token',
    'file:///etc/passwd',
    'token',
  ])('refuses %s as an endpoint', (tokenUrl) => {
    expect(() => checkSettings({ ...GOOD, tokenUrl })).toThrow(/tokenUrl/);
  });

  test.each([
    'https://id.example/token',
    'http://127.0.0.1:8080/t',
    'http://127.9.9.9/t',
    'http://[::1]:1/t',
    'http://localhost/t',
  ])('takes %s', (tokenUrl) => {
    expect(checkSettings({ ...GOOD, tokenUrl }).tokenUrl?.href).toBe(new URL(tokenUrl).href);
  });

  test.each([
    [{ clientAuth: 'none' }, 'clientSecret is set, but clientAuth is none'],
    [
      { grant: 'authorization_code', clientAuth: 'post', clientSecret: '', issuer: 'https://i' },
      'clientSecret is missing',
    ],
    [
      { tokenUrl: 'https://other:its@id.example/token', clientSecret: undefined },
      'clientSecret is missing',
    ],
    [{ tokenParameters: { audience: 'a', scope: 'b' } }, 'tokenParameters must not be scope'],
    [{ wellKnown: 'elsewhere' as 'openid-configuration' }, 'wellKnown must be one of'],
  ] as const)('refuses %j, which contradicts itself', (more, why) => {
    expect(() => checkSettings({ ...GOOD, ...more })).toThrow(why);
  });

  test('wraps the secret', () => {
    expect(JSON.stringify(checkSettings(GOOD).clientSecret)).toBe('"***"');
  });
});

describe('settingsFromEnvironment()', () => {
  test('takes an empty variable for a missing one, and names all of them', () => {
    expect(() =>
      settingsFromEnvironment({ grant: 'authorization_code', needed: ['OAUTH_ISSUER'] }, {}),
    ).toThrow('Missing settings: OAUTH_ISSUER, OAUTH_CLIENT_ID');
    expect(() => settingsFromEnvironment({ needed: ['API_URL'] }, { OAUTH_CLIENT_ID: '' })).toThrow(
      'Missing settings: OAUTH_ISSUER or OAUTH_TOKEN_URL, OAUTH_CLIENT_ID, OAUTH_CLIENT_SECRET, API_URL',
    );
  });

  test('needs no secret of a public client', () => {
    const settings = settingsFromEnvironment(
      {},
      {
        OAUTH_ISSUER: 'https://i',
        OAUTH_CLIENT_ID: 'a',
        OAUTH_CLIENT_AUTH: 'none',
      },
    );
    expect(settings.clientSecret).toBeUndefined();
  });
});
