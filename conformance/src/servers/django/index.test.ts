import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setTimeout as pause } from 'node:timers/promises';
import { request } from 'undici';
import { z } from 'zod';
import { CLIENTS, type RealmClient, type RealmUser, USERS } from '../../trial/clients.ts';
import { VirtualUser } from '../../user/virtual-user.ts';
import { DJANGO_CLIENTS } from './clients.ts';
import { requirements } from './files.ts';
import { djangoHarness, type DjangoHarness } from './harness.ts';
import { type Django, startDjango } from './index.ts';

let django: Django;
let harness: DjangoHarness;

// The first time, packages are installed.
beforeAll(async () => {
  django = await startDjango(() => undefined);
  harness = djangoHarness(django.url);
}, 300_000);
afterAll(() => django.stop());

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}
type Form = Record<string, string>;

async function ask(path: string, options: Parameters<typeof request>[1]): Promise<Answer> {
  const { statusCode: status, body } = await request(`${django.url}${path}`, options);
  return { status, body: z.record(z.string(), z.unknown()).parse(await body.json()) };
}

const post = (path: string, form: Form, headers: Form = {}): Promise<Answer> =>
  ask(path, {
    method: 'POST',
    body: new URLSearchParams(form).toString(),
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
  });

const get = (path: string, headers: Form = {}): Promise<Answer> => ask(path, { headers });

const inForm = ({ id, secret }: RealmClient): Form => ({ client_id: id, client_secret: secret });

const byPassword = ({ username, password }: RealmUser = USERS.ada): Form => ({
  grant_type: 'password',
  username,
  password,
});

const Issued = z.object({ access_token: z.string(), refresh_token: z.string() });

const servers = [
  {
    name: 'django-oauth-toolkit',
    root: '/o',
    authorize: '/o/authorize/',
    token: '/o/token/',
    introspect: '/o/introspect/',
    userinfo: '/o/userinfo/',
  },
  {
    name: 'django-oidc-provider',
    root: '',
    authorize: '/authorize',
    token: '/token/',
    introspect: '/introspect/',
    userinfo: '/userinfo/',
  },
] as const;

describe.each(servers)('$name', ({ name, root, authorize, token, introspect, userinfo }) => {
  const issue = async (client: RealmClient = CLIENTS.service, user = USERS.ada) => {
    const { status, body } = await post(token, { ...byPassword(user), ...inForm(client) });
    expect(status).toBe(200);
    return { ...Issued.parse(body), body };
  };
  const refresh = (refreshToken: string): Promise<Answer> =>
    post(token, {
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      ...inForm(CLIENTS.service),
    });
  const isActive = async (accessToken: string): Promise<unknown> => {
    const { body } = await post(introspect, { token: accessToken, ...inForm(CLIENTS.api) });
    return body['active'];
  };

  test('the password grant gives a refresh token, which works once', async () => {
    const first = await issue();
    expect(first.body).toMatchObject({ expires_in: 1800 });
    expect(await isActive(first.access_token)).toBe(true);

    const second = await refresh(first.refresh_token);
    expect(second).toMatchObject({ status: 200, body: { expires_in: 1800 } });
    expect(await isActive(first.access_token)).toBe(false);
    const again = await refresh(first.refresh_token);
    expect(again).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  test('letters beyond ASCII arrive, and a wrong password is refused', async () => {
    await issue(CLIENTS.password, USERS.zoe);
    const wrong = { ...USERS.zoe, password: 'wrong' };
    const refused = await post(token, { ...byPassword(wrong), ...inForm(CLIENTS.password) });
    expect(refused.status).not.toBe(200);
  });

  test('the client of reserved characters is known by its form', async () => {
    await issue(CLIENTS.reserved);
  });

  test.each([CLIENTS.plain, CLIENTS.api])(
    'client credentials give $id no refresh token',
    async (client) => {
      const grant = { grant_type: 'client_credentials', scope: 'tickets.read Catalog.Read' };
      const { status, body } = await post(token, { ...grant, ...inForm(client) });
      expect(status).toBe(200);
      expect(body).toMatchObject({ expires_in: 1800, scope: 'tickets.read Catalog.Read' });
      expect(body).not.toHaveProperty('refresh_token');
      expect(await isActive(z.string().parse(body['access_token']))).toBe(true);
    },
  );

  test('a short life is announced, and a betrayed one is not', async () => {
    const betrayed = await issue(DJANGO_CLIENTS.betrayed);
    expect(await isActive(betrayed.access_token)).toBe(true);
    const short = await issue(CLIENTS.short);
    expect(await isActive(short.access_token)).toBe(true);
    expect(betrayed.body).toMatchObject({ expires_in: 1800 });
    expect(short.body).toMatchObject({ expires_in: 6 });
    await pause(6100);
    expect(await isActive(short.access_token)).toBe(false);
    expect(await isActive(betrayed.access_token)).toBe(false);
  });

  test('an expired token leaves its refresh token alone', async () => {
    const issued = await issue();
    await harness.expire(issued.access_token);
    expect(await isActive(issued.access_token)).toBe(false);
    expect((await refresh(issued.refresh_token)).status).toBe(200);
  });

  test('the end of a session takes both tokens, and no other session', async () => {
    const [ended, other] = [await issue(), await issue()];
    await harness.endSession(ended.access_token);
    expect(await isActive(ended.access_token)).toBe(false);
    const refused = await refresh(ended.refresh_token);
    expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await isActive(other.access_token)).toBe(true);
    await expect(harness.endSession(ended.access_token)).rejects.toThrow(/end-session with 404/);
  });

  test('token requests are remembered by the origin that they came through', async () => {
    const host = `127.0.0.1:${name === 'django-oauth-toolkit' ? 1 : 2}`;
    const basic = Buffer.from(`${CLIENTS.service.id}:${CLIENTS.service.secret}`).toString('base64');
    const headers = { Host: host, Authorization: `Basic ${basic}` };
    await post(token, byPassword(), headers);
    await post(token, { grant_type: 'refresh_token', refresh_token: 'unknown' }, headers);
    const { id } = CLIENTS.service;
    expect(await harness.memory(host)).toMatchObject([
      { server: name, grant_type: 'password', client_id: id, status: 200 },
      { server: name, grant_type: 'refresh_token', client_id: id, status: 400 },
    ]);
  });

  test.each(['native', 'nativeShort', 'consent', 'web'] as const)(
    'a person logs in with the client %s, at any loopback port',
    async (which) => {
      const client: { id: string; secret?: string } = CLIENTS[which];
      const guest = await harness.newUser();
      const redirect = { redirect_uri: 'http://127.0.0.1:45671/callback' };
      const verifier = 'v'.repeat(43);
      const query = new URLSearchParams({
        ...redirect,
        response_type: 'code',
        client_id: client.id,
        scope: 'openid profile email tickets.read',
        state: 'state',
        code_challenge: verifier,
        code_challenge_method: 'plain',
      });
      const person = new VirtualUser(guest);
      const journey = await person.authorize(`${django.url}${authorize}?${query.toString()}`);
      const code = 'callback' in journey ? journey.callback.searchParams.get('code') : null;
      const issued = await post(token, {
        ...redirect,
        grant_type: 'authorization_code',
        code: code ?? '',
        code_verifier: verifier,
        client_id: client.id,
        ...(client.secret !== undefined && { client_secret: client.secret }),
      });
      expect(issued).toMatchObject({
        status: 200,
        body: { expires_in: which === 'nativeShort' ? 2 : 1800 },
      });
      const { access_token: accessToken } = Issued.parse(issued.body);
      expect(await get(userinfo, { Authorization: `Bearer ${accessToken}` })).toMatchObject({
        status: 200,
        body: {
          name: 'A Guest',
          given_name: 'A',
          family_name: 'Guest',
          preferred_username: guest.username,
          email: `${guest.username}@korusticket.test`,
        },
      });
    },
  );

  test('the issuer is the origin that was asked', async () => {
    const headers = { Host: '127.0.0.1:3' };
    const { body } = await get(`${root}/.well-known/openid-configuration`, headers);
    expect(body).toMatchObject({ issuer: `http://127.0.0.1:3${root}` });
  });

  test('its version is the one that requirements.txt pins', async () => {
    expect(await readFile(requirements, 'utf8')).toContain(`\n${name}==${django.versions[name]} `);
  });
});

test('the harness’s endpoints are not there for whoever comes through another origin', async () => {
  const { port } = new URL(django.url);
  const status = async (host: string): Promise<number> => {
    const { statusCode, body } = await request(`${django.url}/harness/versions`, {
      headers: { Host: host },
    });
    await body.dump();
    return statusCode;
  };
  expect(await status('127.0.0.1:1')).toBe(404);
  expect(await status(`localhost:${port}`)).toBe(404);
  expect(await status(`127.0.0.1:${port}`)).toBe(200);
});
