import { expect, test } from 'vitest';
import { checkSettings } from '../src/settings.ts';
import { settingsFromEnvironment } from '../src/settings_from_environment.ts';
import { withoutUrlCredentials } from '../src/url_credentials.ts';

const URL_WITH_BOTH = 'https://my%20app:s%3Acret%2B@id.example/o/token/?tenant=1';

test('id and secret of the URL are the settings, percent-decoded, and the URL is bare', () => {
  const settings = withoutUrlCredentials({ tokenUrl: URL_WITH_BOTH });
  expect(settings).toMatchObject({
    tokenUrl: 'https://id.example/o/token/?tenant=1',
    clientId: 'my app',
    clientSecret: 's:cret+',
    clientAuth: 'basic',
  });
});

test('settings of their own win', () => {
  const settings = withoutUrlCredentials({
    tokenUrl: URL_WITH_BOTH,
    clientId: 'other',
    clientSecret: 'another',
    clientAuth: 'post',
  });
  expect(settings).toMatchObject({
    clientId: 'other',
    clientSecret: 'another',
    clientAuth: 'post',
  });
});

test('an id alone makes no secret, and a stray percent sign is kept', () => {
  const settings = withoutUrlCredentials({ tokenUrl: 'https://100%@id.example/token' });
  expect(settings.clientId).toBe('100%');
  expect(settings.clientSecret).toBeUndefined();
});

test('the checked settings and the environment take them', () => {
  const checked = checkSettings({ tokenUrl: URL_WITH_BOTH });
  expect(checked.tokenUrl?.href).toBe('https://id.example/o/token/?tenant=1');
  expect(checked.clientSecret?.reveal()).toBe('s:cret+');
  const settings = settingsFromEnvironment({}, { OAUTH_TOKEN_URL: URL_WITH_BOTH });
  expect(settings.tokenUrl).toBe('https://id.example/o/token/?tenant=1');
});

test('other endpoints with credentials are refused without quoting them', () => {
  const settings = { tokenUrl: URL_WITH_BOTH, refreshUrl: 'https://a:planted@id.example/refresh' };
  expect(() => checkSettings(settings)).toThrow(/refreshUrl must not hold a user name or password/);
  expect(() => checkSettings(settings)).not.toThrow(/planted/);
});
