import { describe, expect, test } from 'vitest';
import { OAuthError } from '../src/errors.ts';
import { readTokenResponse } from '../src/token_response.ts';

const GOOD = { access_token: 'abc', token_type: 'Bearer', expires_in: 60, refresh_token: 'def' };

function read(body: unknown, status = 200) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return readTokenResponse({ status, text, headers: new Headers() }, 'POST http://127.0.0.1/token');
}

function refusal(body: unknown, status: number): OAuthError {
  try {
    read(body, status);
  } catch (error) {
    if (error instanceof OAuthError) return error;
  }
  throw new Error('it was taken');
}

describe('readTokenResponse()', () => {
  test.each([
    [60, 60],
    ['60', 60],
    [59.5, 59.5],
    ['59.5', 59.5],
    [0, undefined],
    [-1, undefined],
    ['', undefined],
    [' ', undefined],
    ['soon', undefined],
    [null, undefined],
    [true, undefined],
    [[60], undefined],
  ])('reads expires_in %j as %j seconds', (value, expected) => {
    expect(read({ ...GOOD, expires_in: value }).expiresIn).toBe(expected);
  });

  test('takes a refresh_expires_in of 0 for unknown', () => {
    expect(read({ ...GOOD, refresh_expires_in: 0 }).refreshExpiresIn).toBeUndefined();
    expect(read({ ...GOOD, refresh_expires_in: 5 }).refreshExpiresIn).toBe(5);
  });

  test('refuses a token that no header can carry, without quoting it', () => {
    const error = refusal({ ...GOOD, access_token: 'ab\ncd' }, 200);
    expect(error.class).toBe('invalid_response');
    expect(error.message).not.toContain('cd');
  });

  test.each([
    [400, { error: 'invalid_grant' }, 'invalid_grant'],
    [401, { error: 'unauthorized_client' }, 'invalid_client'],
    [400, { error: 'invalid_request' }, 'config_error'],
    [400, { error: 'something_new' }, 'invalid_response'],
    [400, { error: 7 }, 'invalid_response'],
    [400, '<html>', 'invalid_response'],
    [307, '', 'invalid_response'],
    [429, { error: 'invalid_grant' }, 'rate_limited'],
    [503, '', 'unavailable'],
  ])('calls HTTP %i with %j %s', (status, body, errorClass) => {
    const error = refusal(body, status);
    expect(error.class).toBe(errorClass);
    expect(error.httpStatus).toBe(status);
  });

  test('neutralises and cuts what the server says', () => {
    const error = refusal(
      { error: 'invalid_grant', error_description: `\u001b[31m${'x'.repeat(1000)}\r\nforged` },
      400,
    );
    // eslint-disable-next-line no-control-regex
    expect(error.message).not.toMatch(/[\u0000-\u001f]/);
    expect(error.message.length).toBeLessThan(400);
  });
});
