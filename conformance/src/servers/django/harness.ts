import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { RealmUser } from '../../trial/clients.ts';
import { ask } from '../ask.ts';

const DjangoName = z.enum(['django-oauth-toolkit', 'django-oidc-provider']);
export type DjangoName = z.infer<typeof DjangoName>;

const TokenRequest = z.object({
  server: DjangoName,
  /** When it was answered: milliseconds since 1970, by the server's clock. */
  time: z.number(),
  grant_type: z.string().nullable(),
  /** As sent, by Basic authentication or else in the body. */
  client_id: z.string().nullable(),
  /** HTTP status of the answer. */
  status: z.number(),
});
/** What a server remembers of one token request. */
export type TokenRequest = z.infer<typeof TokenRequest>;

/** What only a test server can do. */
export interface DjangoHarness {
  versions(): Promise<Record<DjangoName, string>>;
  /**
   * The token requests that came with this Host header, the oldest first; of all hosts together, the last 10,000 are remembered.
   *
   * @param host with its port, as in `127.0.0.1:45671`
   */
  memory(host: string): Promise<TokenRequest[]>;
  /** Lets an access token and its refresh token die at once. */
  endSession(accessToken: string): Promise<void>;
  /** Lets an access token have expired; its refresh token stays good. */
  expire(accessToken: string): Promise<void>;
  /** A person whom nobody else uses. */
  newUser(): Promise<RealmUser>;
}

/**
 * The endpoints below /harness/ of the servers that `startDjango` started. They are not there for whoever comes through a recorder.
 *
 * Calls reject with an `Error` that names request and answer if the server refuses them, also because it did not issue the token.
 *
 * @param url of the servers themselves
 */
export function djangoHarness(url: string): DjangoHarness {
  const call = async (
    path: string,
    expected: number,
    form?: Record<string, string>,
  ): Promise<string> => {
    const method = form ? 'POST' : 'GET';
    const { status, text } = await ask(`${url}/harness/${path}`, {
      method,
      body: form ? new URLSearchParams(form) : null,
      redirect: 'error',
    });
    if (status !== expected)
      throw new Error(`Django answered ${method} /harness/${path} with ${status}`);
    return text;
  };
  return {
    versions: async () =>
      z.record(DjangoName, z.string()).parse(JSON.parse(await call('versions', 200))),
    memory: async (host) =>
      z
        .array(TokenRequest)
        .parse(JSON.parse(await call(`memory?host=${encodeURIComponent(host)}`, 200))),
    endSession: async (token) => void (await call('end-session', 204, { token })),
    expire: async (token) => void (await call('expire', 204, { token })),
    async newUser() {
      const user = { username: `guest-${randomUUID()}`, password: randomUUID() };
      await call('users', 201, user);
      return user;
    },
  };
}
