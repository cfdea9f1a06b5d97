import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ask } from '../ask.ts';
import { clientCredentials } from './realm.ts';

/** A token is renewed this long (ms) before it expires, so that it cannot expire on the way. */
const marginMs = 10_000;

const Token = z.object({ access_token: z.string(), expires_in: z.number() });

/** What Keycloak remembers of one request, as far as anybody asks. */
const Event = z.object({
  type: z.string(),
  sessionId: z.string().nullish(),
});
type KeycloakEvent = z.infer<typeof Event>;

interface EventFilter {
  sessionId?: string;
  /** CLIENT_LOGIN, REFRESH_TOKEN and so on; with _ERROR at its end if it was refused. */
  types?: string[];
  /** Only events from then on; milliseconds since 1970. */
  since?: number;
  /** How many Keycloak looks through, the newest first. Default 1000. */
  max?: number;
}

export interface AdminApi {
  /** The realm's events, the newest first. Keycloak cannot search by session, so that is done here, after `max`. */
  events(filter?: EventFilter): Promise<KeycloakEvent[]>;
  /** Ends a session (a token's `sid`): its tokens die at once. @returns false if there is no such session */
  deleteSession(sid: string): Promise<boolean>;
  /** Ends all sessions of a user, named by a token's `sub`. */
  logOutUser(id: string): Promise<void>;
  /** Adds an RSA key, with which the realm signs from then on. */
  addSigningKey(): Promise<void>;
  /** Any other call below /admin/realms/{realm}; the body, if there is one, parsed as JSON. */
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
}

/**
 * The admin API of one realm, as its client korus-harness. To be asked directly, not through a recorder:
 * Keycloak refuses an administrator's token that was issued for another origin.
 *
 * Calls reject with an `Error` that names request and answer if Keycloak refuses them or does not answer.
 */
export function adminApi(keycloak: { url: string }, realm: string): AdminApi {
  let token: Promise<{ value: string; goodUntil: number }> | undefined;

  const newToken = async (): Promise<{ value: string; goodUntil: number }> => {
    const asked = performance.now();
    const client = await clientCredentials('korus-harness');
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client.id,
      client_secret: client.secret,
    });
    const url = `${keycloak.url}/realms/${realm}/protocol/openid-connect/token`;
    const answer = await send('POST', url, { body: form });
    if (answer.status !== 200) throw refused('POST', url, answer);
    const { access_token: value, expires_in: seconds } = Token.parse(answer.body);
    return { value, goodUntil: asked + seconds * 1000 - marginMs };
  };

  const currentToken = async (): Promise<string> => {
    // All callers share one request; a failed one is not kept.
    const current = (token ??= newToken());
    const { value, goodUntil } = await current.catch((error: unknown) => {
      if (token === current) token = undefined;
      throw error;
    });
    if (performance.now() < goodUntil) return value;
    if (token === current) token = undefined;
    return currentToken();
  };

  const call: AdminApi['call'] = async (method, path, body) =>
    send(method, `${keycloak.url}/admin/realms/${realm}${path}`, {
      headers: {
        Authorization: `Bearer ${await currentToken()}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  return {
    call,
    async events({ sessionId, types = [], since, max = 1000 } = {}) {
      const query = new URLSearchParams({ max: String(max) });
      if (since !== undefined) query.set('dateFrom', String(since));
      for (const type of types) query.append('type', type);
      const path = `/events?${query.toString()}`;
      const answer = await call('GET', path);
      if (answer.status !== 200) throw refused('GET', path, answer);
      const events = z.array(Event).parse(answer.body);
      return sessionId === undefined
        ? events
        : events.filter((event) => event.sessionId === sessionId);
    },
    async deleteSession(sid) {
      const path = `/sessions/${encodeURIComponent(sid)}`;
      const answer = await call('DELETE', path);
      if (answer.status !== 204 && answer.status !== 404) throw refused('DELETE', path, answer);
      return answer.status === 204;
    },
    async logOutUser(id) {
      const path = `/users/${encodeURIComponent(id)}/logout`;
      const answer = await call('POST', path);
      if (answer.status !== 204) throw refused('POST', path, answer);
    },
    async addSigningKey() {
      const answer = await call('POST', '/components', {
        name: `signing-${randomUUID()}`,
        providerType: 'org.keycloak.keys.KeyProvider',
        providerId: 'rsa-generated',
        // Keycloak signs with the key of the highest priority.
        config: { priority: [String(Date.now())], algorithm: ['RS256'], keySize: ['2048'] },
      });
      if (answer.status !== 201) throw refused('POST', '/components', answer);
    },
  };
}

async function send(
  method: string,
  url: string,
  request: { headers?: Record<string, string>; body?: string | URLSearchParams },
): Promise<{ status: number; body: unknown }> {
  const { status, text } = await ask(url, { method, ...request, redirect: 'error' });
  return { status, body: text === '' ? undefined : parseIfJson(text) };
}

function parseIfJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function refused(method: string, target: string, answer: { status: number; body: unknown }): Error {
  const said = (JSON.stringify(answer.body) ?? 'no body').slice(0, 300);
  return new Error(`Keycloak answered ${method} ${target} with ${answer.status}: ${said}`);
}
