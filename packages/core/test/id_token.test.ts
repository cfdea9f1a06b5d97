import { createHash } from 'node:crypto';
import {
  base64url,
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  importJWK,
  type JWK,
  SignJWT,
} from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { type IdTokenExpectations, verifyIdToken } from '../src/openid/id_token.ts';
import { IssuerKeys } from '../src/openid/jwks.ts';
import {
  CLIENT_ID,
  errorOf,
  idTokenClaims,
  ISSUER,
  serve,
  signer,
  transport,
} from './openid_fixture.ts';

type Signer = Awaited<ReturnType<typeof signer>>;
let rsa: Signer;
let foreign: Signer;
let encryption: Signer;

beforeAll(async () => {
  rsa = await signer('RS256', 'rsa-1');
  foreign = await signer('RS256', 'rsa-1');
  encryption = await signer('RS256', 'enc-1');
});

/** A JWKS endpoint whose keys can be changed; Keycloak's has an encryption key first, and so has this one. */
async function jwks(keys: readonly unknown[]) {
  const state = { keys, status: 200, body: undefined as string | undefined };
  const server = await serve((_, response) => {
    const enc = { ...encryption.jwk, use: 'enc', alg: 'RSA-OAEP' };
    response.writeHead(state.status, { 'Content-Type': 'application/json' });
    response.end(
      state.body ?? JSON.stringify({ keys: [enc, { kty: 'XYZ' }, null, ...state.keys] }),
    );
  });
  return Object.assign(server, { state });
}

async function publicKeyOf(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk);
  if (key instanceof Uint8Array) throw new Error('it is a secret');
  return key;
}

interface Options extends Partial<IdTokenExpectations> {
  readonly published?: readonly unknown[];
}

async function verify(idToken: string, { published = [rsa.jwk], ...options }: Options = {}) {
  await using server = await jwks(published);
  const keys = new IssuerKeys(server.url('/certs'), transport);
  const expected = { issuer: ISSUER, clientId: CLIENT_ID, nonce: undefined, keys, ...options };
  return await verifyIdToken(idToken, expected);
}

async function refusalOf(claims: Record<string, unknown>, options?: Options): Promise<string> {
  const error = await errorOf(verify(await rsa.sign(idTokenClaims(claims)), options));
  expect(error.class).toBe('invalid_id_token');
  return error.message;
}

const now = () => Math.floor(Date.now() / 1000);

describe('verifyIdToken(): claims', () => {
  test('gives the claims of a good token', async () => {
    const claims = idTokenClaims({ nonce: 'n', azp: CLIENT_ID, email: 'ada@korusticket.test' });
    expect(await verify(await rsa.sign(claims), { nonce: 'n' })).toEqual(claims);
  });

  test.each([
    ['iss, another one', { iss: `${ISSUER}1` }, 'iss: expected'],
    ['iss with a slash', { iss: `${ISSUER}/` }, 'iss: expected'],
    ['iss missing', { iss: undefined }, 'iss: expected'],
    ['sub missing', { sub: undefined }, 'sub: expected'],
    ['sub empty', { sub: '' }, 'sub: expected'],
    ['sub a number', { sub: 1 }, 'sub: expected'],
    ['aud, another one', { aud: 'other' }, 'aud: expected "korus-web", seen "other"'],
    ['aud, a prefix', { aud: 'korus-web2' }, 'aud: expected'],
    ['aud missing', { aud: undefined }, 'aud: expected'],
    ['aud empty', { aud: [] }, 'aud: expected'],
    ['aud with a stranger', { aud: [CLIENT_ID, 'other'], azp: CLIENT_ID }, 'aud: nobody trusts'],
    ['azp foreign', { azp: 'other' }, 'azp: expected "korus-web", seen "other"'],
    ['exp missing', { exp: undefined }, 'exp: expected a time'],
    ['exp a text', { exp: '9999999999' }, 'exp: expected a time'],
    ['exp six minutes ago', { exp: now() - 360 }, 'exp: expired 36'],
    ['iat missing', { iat: undefined }, 'iat: expected a time'],
    ['iat far ahead', { iat: now() + 120 }, 'iat: issued 1'],
    ['iat a week ago', { iat: now() - 604_800 }, 'iat: issued 6048'],
    ['nbf far ahead', { nbf: now() + 120 }, 'nbf: valid 1'],
  ])('refuses %s', async (_, claims, message) => {
    expect(await refusalOf(claims)).toContain(message);
  });

  test.each([
    ['aud as an array', { aud: [CLIENT_ID] }],
    ['iat and nbf 10 s ahead', { iat: now() + 10, nbf: now() + 10 }],
    ['exp 2 s ago', { exp: now() - 2 }],
  ])('takes %s', async (_, claims) => {
    expect(await verify(await rsa.sign(idTokenClaims(claims)))).toMatchObject(claims);
  });

  test('a trusted audience may stand beside the client, if azp names the client', async () => {
    const trustedAudiences = ['ticketing-api'];
    const aud = ['ticketing-api', CLIENT_ID];
    const good = await rsa.sign(idTokenClaims({ aud, azp: CLIENT_ID }));
    expect(await verify(good, { trustedAudiences })).toMatchObject({ aud });
    expect(await refusalOf({ aud }, { trustedAudiences })).toContain('azp: expected');
  });

  test('the tolerance can be set, and so can the clock', async () => {
    const token = await rsa.sign(idTokenClaims({ exp: now() - 2 }));
    const error = await errorOf(verify(token, { clockToleranceSeconds: 0 }));
    expect(error.message).toContain('exp: expired');
    const clock = { wall: () => Date.now() - 7_200_000 };
    expect((await errorOf(verify(token, { clock }))).message).toContain('iat: issued');
  });

  test('the nonce must be the one that was sent, and is not shown', async () => {
    const other = await refusalOf({ nonce: 'secret-1' }, { nonce: 'secret-2' });
    expect(other).toContain('nonce: another one was sent');
    expect(other).not.toContain('secret-');
    expect(await refusalOf({}, { nonce: 'secret-2' })).toContain('nonce: one was sent, seen none');
  });

  test('max_age demands a recent auth_time', async () => {
    expect(await refusalOf({}, { maxAge: 60 })).toContain('auth_time: expected a time');
    expect(await refusalOf({ auth_time: now() - 600 }, { maxAge: 60 })).toContain('auth_time:');
    const token = await rsa.sign(idTokenClaims({ auth_time: now() - 50 }));
    expect(await verify(token, { maxAge: 60 })).toBeDefined();
  });

  test.each([
    ['RS256', 'sha256'],
    ['ES384', 'sha384'],
    ['PS512', 'sha512'],
    ['EdDSA', 'sha512'],
  ])('at_hash of %s is the left half of %s', async (alg, hash) => {
    const key = await signer(alg, 'k');
    const half = createHash(hash).update('at-1').digest();
    const at_hash = half.subarray(0, half.length / 2).toString('base64url');
    const options = { published: [key.jwk], allowedAlgorithms: [alg] };
    const token = await key.sign(idTokenClaims({ at_hash }));
    expect(await verify(token, { ...options, accessToken: 'at-1' })).toBeDefined();
    const error = await errorOf(verify(token, { ...options, accessToken: 'at-2' }));
    expect(error.message).toContain('at_hash:');
  });

  test('server text in a message is cut and has no control characters', async () => {
    const message = await refusalOf({ iss: `x\u202e\n${'y'.repeat(1000)}` });
    expect(message).toMatch(/^[\x20-\x7e…]+$/);
    expect(message.length).toBeLessThan(400);
  });
});

describe('verifyIdToken(): refresh', () => {
  const previous = { iss: ISSUER, sub: 'ada', aud: CLIENT_ID, auth_time: 1000, nonce: 'n' };

  test.each([
    ['the same', { auth_time: 1000, nonce: 'n' }],
    ['without nonce and auth_time', {}],
    ['aud in the other form', { aud: [CLIENT_ID] }],
  ])('takes %s', async (_, claims) => {
    expect(await verify(await rsa.sign(idTokenClaims(claims)), { previous })).toBeDefined();
  });

  test.each([
    ['sub', { sub: 'eve' }, {}],
    ['auth_time', { auth_time: 2000 }, {}],
    ['nonce', { nonce: 'm' }, {}],
    ['nonce', { nonce: 'n' }, { nonce: undefined }],
    ['aud', { aud: CLIENT_ID }, { aud: [CLIENT_ID, 'ticketing-api'] }],
    ['iss', {}, { iss: 'http://127.0.0.1/other' }],
  ])('refuses another %s', async (claim, claims, before) => {
    const message = await refusalOf(claims, { previous: { ...previous, ...before } });
    expect(message).toContain(`${claim}:`);
    expect(message).not.toContain('eve');
  });
});

describe('verifyIdToken(): signature', () => {
  test('a flipped signature or payload is refused', async () => {
    const [header = '', payload = '', signature = ''] = (await rsa.sign(idTokenClaims())).split(
      '.',
    );
    const flipped = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
    const eve = base64url.encode(JSON.stringify(idTokenClaims({ sub: 'eve' })));
    for (const token of [
      `${header}.${payload}.${flipped}`,
      `${header}.${eve}.${signature}`,
      `${header}.${payload}.`,
    ]) {
      const error = await errorOf(verify(token));
      expect(error.class).toBe('invalid_id_token');
      expect(error.message).not.toContain(payload);
    }
  });

  test.each(['', 'a', 'a.b', 'a.b.c', '..', '{}', 'a.b.c.d.e', '😀.😀.😀'])(
    '%j is no signed JWT',
    async (token) => {
      expect((await errorOf(verify(token))).class).toBe('invalid_id_token');
    },
  );

  test.each(['none', 'nOnE', 'NONE', ''])(
    'alg %j is refused, with and without signature',
    async (alg) => {
      const header = base64url.encode(JSON.stringify({ alg, kid: 'rsa-1' }));
      const token = `${header}.${base64url.encode(JSON.stringify(idTokenClaims()))}`;
      for (const signature of ['', 'AAAA']) {
        const options = { allowedAlgorithms: ['RS256', alg] };
        expect((await errorOf(verify(`${token}.${signature}`, options))).message).toContain('alg:');
      }
    },
  );

  test('HS256 made from the public key or the client secret is refused, even if the metadata lists it', async () => {
    const pem = await exportSPKI(await publicKeyOf(rsa.jwk));
    const shared = { kty: 'oct', k: base64url.encode('secret'), kid: 'rsa-1', alg: 'HS256' };
    for (const secret of [pem, JSON.stringify(rsa.jwk), 'secret']) {
      const jwt = new SignJWT(idTokenClaims()).setProtectedHeader({ alg: 'HS256', kid: 'rsa-1' });
      const token = await jwt.sign(new TextEncoder().encode(secret.padEnd(32, '\0')));
      const options = { allowedAlgorithms: ['RS256', 'HS256'], published: [rsa.jwk, shared] };
      expect((await errorOf(verify(token, options))).message).toContain('alg:');
    }
  });

  test('an algorithm that the metadata does not list is refused; without a list RS256 alone will do', async () => {
    const ec = await signer('ES256', 'ec-1');
    const token = await ec.sign(idTokenClaims());
    const published = [rsa.jwk, ec.jwk];
    expect((await errorOf(verify(token, { published }))).message).toContain('expected RS256');
    expect(await verify(token, { published, allowedAlgorithms: ['ES256'] })).toBeDefined();
  });

  test('a key outside the JWKS is refused, and header keys are not used', async () => {
    await using jku = await serve((_, response) => {
      response.end(JSON.stringify({ keys: [foreign.jwk] }));
    });
    const header = {
      jwk: await exportJWK(foreign.privateKey),
      jku: jku.url('/').href,
      x5u: jku.url('/').href,
    };
    delete header.jwk.d;
    const error = await errorOf(verify(await foreign.sign(idTokenClaims(), header)));
    expect(error.message).toContain("the signature is not the issuer's (alg RS256");
    expect(jku.requests).toHaveLength(0);
  });

  test('critical extensions are refused', async () => {
    const jwt = new SignJWT(idTokenClaims()).setProtectedHeader({
      alg: 'RS256',
      crit: ['x'],
      x: 1,
    });
    const token = await jwt.sign(rsa.privateKey, { crit: { x: true } });
    expect((await errorOf(verify(token))).message).toContain('critical extensions');
  });

  test('without a kid every fitting key is tried, never none', async () => {
    const nameless = await signer('RS256');
    const ec = await signer('ES256', 'ec-1');
    const token = await nameless.sign(idTokenClaims());
    const one = [nameless.jwk, ec.jwk];
    expect(await verify(token, { published: one })).toBeDefined();
    expect(await verify(token, { published: [rsa.jwk, ...one] })).toBeDefined();
    expect((await errorOf(verify(token, { published: [rsa.jwk, ec.jwk] }))).message).toContain(
      'the signature',
    );
  });

  test('a key for encryption is not used, nor a short one', async () => {
    const token = await encryption.sign(idTokenClaims());
    expect((await errorOf(verify(token))).message).toContain('the issuer has no key');
    const { publicKey } = await generateKeyPair('ES256', { extractable: true });
    const confused = { ...(await exportJWK(publicKey)), kid: 'rsa-1', alg: 'RS256' };
    const other = await rsa.sign(idTokenClaims());
    expect((await errorOf(verify(other, { published: [confused] }))).message).toContain('no key');
  });
});

describe('IssuerKeys', () => {
  async function rotating() {
    const server = await jwks([rsa.jwk]);
    const time = { ms: 5 };
    const clock = { monotonic: () => time.ms };
    const keys = new IssuerKeys(server.url('/certs'), transport, clock);
    const check = async (key: Signer, header?: Record<string, unknown>) => {
      const token = await key.sign(idTokenClaims(), header);
      return verifyIdToken(token, { issuer: ISSUER, clientId: CLIENT_ID, nonce: undefined, keys });
    };
    return { server, time, check };
  }

  test('keys are fetched once, also for callers that come together', async () => {
    const { server, check } = await rotating();
    await using _ = server;
    await Promise.all([check(rsa), check(rsa), check(rsa)]);
    await check(rsa);
    expect(server.requests).toHaveLength(1);
  });

  test('an unknown kid asks again, at once, for all who come together', async () => {
    const { server, check } = await rotating();
    await using _ = server;
    await check(rsa);
    const next = await signer('RS256', 'rsa-2');
    server.state.keys = [next.jwk, rsa.jwk];
    await Promise.all([check(next), check(next), check(next)]);
    expect(server.requests).toHaveLength(2);
  });

  test('fifty junk kids cost one request in 30 s', async () => {
    const { server, time, check } = await rotating();
    await using _ = server;
    await check(rsa);
    const junk = async (count: number) => {
      for (let i = 0; i < count; i++) await errorOf(check(foreign, { kid: `junk-${i}` }));
    };
    await junk(50);
    expect(server.requests).toHaveLength(2);
    time.ms += 29_999;
    await junk(2);
    expect(server.requests).toHaveLength(2);
    time.ms += 1;
    await junk(2);
    expect(server.requests).toHaveLength(3);
    await check(rsa);
  });

  test('junk as the very first token costs one request', async () => {
    const { server, check } = await rotating();
    await using _ = server;
    await errorOf(check(foreign, { kid: 'junk' }));
    expect(server.requests).toHaveLength(1);
  });

  test('a withdrawn key is good for ten minutes at most', async () => {
    const { server, time, check } = await rotating();
    await using _ = server;
    await check(rsa);
    server.state.keys = [];
    time.ms += 599_999;
    await check(rsa);
    time.ms += 1;
    expect((await errorOf(check(rsa))).message).toContain('the issuer has no key');
  });

  test('old keys stay good while the issuer does not answer', async () => {
    const { server, time, check } = await rotating();
    await using _ = server;
    await check(rsa);
    server.state.status = 503;
    time.ms += 600_000;
    await check(rsa);
    await check(rsa);
    expect(server.requests).toHaveLength(2);
  });

  test.each([
    [404, '{"keys":[]}'],
    [200, '<html>'],
    [200, '[]'],
    [200, '{"keys":{}}'],
  ])('HTTP %i with %j is an error, and is not kept', async (status, body) => {
    const { server, check } = await rotating();
    await using _ = server;
    Object.assign(server.state, { status, body });
    const error = await errorOf(check(rsa));
    expect([error.class, error.httpStatus]).toEqual(['metadata_error', status]);
    Object.assign(server.state, { status: 200, body: undefined });
    expect(await check(rsa)).toBeDefined();
  });
});
