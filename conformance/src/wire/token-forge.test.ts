import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { forged, mergedKeySet } from './token-forge.ts';

const { publicKey, privateKey } = await generateKeyPair('RS256');
const jwk = { ...(await exportJWK(publicKey)), kid: 'server', alg: 'RS256' };
const idToken = await new SignJWT({ sub: 'ada', nonce: 'n' })
  .setProtectedHeader({ alg: 'RS256', kid: 'server' })
  .sign(privateKey);
const response = (body: object) => ({ status: 200, headers: {}, body: JSON.stringify(body) });
const set = JSON.parse(mergedKeySet(response({ keys: [jwk] })).body) as Parameters<
  typeof createLocalJWKSet
>[0];

function idTokenOf(forgery: Parameters<typeof forged>[1]): string {
  const { body } = forged(response({ access_token: 'AT', id_token: idToken }), forgery);
  const { id_token, access_token } = JSON.parse(body) as Record<string, string>;
  expect(access_token).toBe('AT');
  return id_token ?? '';
}

const verified = (token: string) => jwtVerify(token, createLocalJWKSet(set));

test('a changed claim is all that is wrong: the signature is good for the merged key set', async () => {
  const { payload } = await verified(
    idTokenOf({ claims: () => ({ sub: 'bob', nonce: undefined }) }),
  );
  expect(payload).toEqual({ sub: 'bob' });
});

test("the server's own tokens are still good for it", async () => {
  expect((await verified(idToken)).payload.sub).toBe('ada');
});

test.each([
  ['stranger'],
  ['broken'],
  ['empty'],
  ['unknown'],
  ['hmac'],
  ['none'],
  ['nOnE'],
] as const)('signed as %s it is good for nobody', async (signature) => {
  await expect(verified(idTokenOf({ signature }))).rejects.toThrow();
});

test('an answer without an ID token stays as it is', () => {
  const answer = response({ access_token: 'AT' });
  expect(forged(answer, {})).toBe(answer);
});
