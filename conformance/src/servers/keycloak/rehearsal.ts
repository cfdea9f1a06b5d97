import { fetch } from 'undici';
import { z } from 'zod';
import { adminApi } from './admin-api.ts';
import { clientCredentials } from './realm.ts';

/**
 * How often each request is made. The archive keeps profiles of what runs hot (JEP 515): after 600 requests of this kind, the first
 * 1,000 of a later run took 6.8 s instead of 11.8 and 12 s of processor time instead of 21, and the start a second less (Java 25).
 */
const rounds = 300;
const atOnce = 8;
const limitMs = 30_000;

const answer = z.looseObject({ access_token: z.string(), refresh_token: z.string() });

/** Uses a Keycloak as the trials will, so that the class archive holds what they need. */
export async function rehearse(url: string): Promise<void> {
  let left = rounds;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await round(url, left % 3 === 0 ? 'korusticket-rotating' : 'korusticket');
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  await adminApi({ url }, 'korusticket').events({ types: ['REFRESH_TOKEN'], max: 50 });
}

async function round(url: string, realm: string): Promise<void> {
  const { id, secret } = await clientCredentials('korus-service');
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

async function post(
  url: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<string> {
  // As a recorder does it.
  const forwarded = { 'X-Forwarded-Host': new URL(url).host, 'X-Forwarded-Proto': 'http' };
  const signal = AbortSignal.timeout(limitMs);
  const request = {
    method: 'POST',
    body: new URLSearchParams(form),
    headers: { ...headers, ...forwarded },
    signal,
  };
  return (await fetch(url, request)).text();
}
