import { createHash } from 'node:crypto';
import pLimit from 'p-limit';
import { z } from 'zod';
import { CLIENTS, USERS } from '../../trial/clients.ts';
import { VirtualUser } from '../../user/virtual-user.ts';
import { ask } from '../ask.ts';
import { adminApi } from './admin-api.ts';

/**
 * How often each request is made. The archive keeps profiles of what runs hot (JEP 515): after 600 requests of this kind, the first
 * 1,000 of a later run took 6.8 s instead of 11.8 and 12 s of processor time instead of 21, and the start a second less (Java 25).
 */
const rounds = 300;
/** A login renders a page, checks a password and exchanges a code; it costs as much as ten token requests. */
const logins = 60;
const atOnce = 8;

const answer = z.looseObject({ access_token: z.string(), refresh_token: z.string() });

/** Uses a Keycloak as the trials will, so that the class archive holds what they need. */
export async function rehearse(url: string): Promise<void> {
  const limit = pLimit(atOnce);
  await limit.map(Array.from({ length: rounds }), (_, index) =>
    round(url, index % 3 === 0 ? 'korusticket-rotating' : 'korusticket'),
  );
  await limit.map(Array.from({ length: logins }), () => login(url));
  await adminApi({ url }, 'korusticket').events({ types: ['REFRESH_TOKEN'], max: 50 });
}

async function round(url: string, realm: string): Promise<void> {
  const { id, secret } = CLIENTS.service;
  const endpoint = `${url}/realms/${realm}/protocol/openid-connect/token`;
  const body = { client_id: id, client_secret: secret };
  const basic = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
  const issued = answer.parse(
    JSON.parse(
      await post(endpoint, { ...body, grant_type: 'client_credentials', scope: 'tickets.read' }),
    ),
  );
  await post(
    endpoint,
    { grant_type: 'refresh_token', refresh_token: issued.refresh_token },
    { Authorization: basic },
  );
  await post(endpoint, { ...body, client_secret: 'wrong', grant_type: 'client_credentials' });
  await post(`${endpoint}/introspect`, { ...body, token: issued.access_token });
}

async function login(url: string): Promise<void> {
  const { native } = CLIENTS;
  const realm = `${url}/realms/korusticket/protocol/openid-connect`;
  const redirectUri = 'http://127.0.0.1:1/callback';
  const verifier = 'v'.repeat(43);
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: native.id,
    redirect_uri: redirectUri,
    scope: 'openid profile email',
    state: 's'.repeat(43),
    nonce: 'n'.repeat(43),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const journey = await new VirtualUser(USERS.ada).authorize(`${realm}/auth?${query.toString()}`);
  if ('stuck' in journey) throw new Error(`Keycloak answered ${journey.stuck.status} to a login`);
  const issued = answer.parse(
    JSON.parse(
      await post(`${realm}/token`, {
        grant_type: 'authorization_code',
        client_id: native.id,
        code: journey.callback.searchParams.get('code') ?? '',
        redirect_uri: redirectUri,
        code_verifier: verifier,
      }),
    ),
  );
  await ask(`${realm}/userinfo`, {
    headers: { Authorization: `Bearer ${issued.access_token}` },
  });
}

async function post(
  url: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<string> {
  // As a recorder does it.
  const forwarded = { 'X-Forwarded-Host': new URL(url).host, 'X-Forwarded-Proto': 'http' };
  const { text } = await ask(url, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers: { ...headers, ...forwarded },
  });
  return text;
}
