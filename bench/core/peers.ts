// How each client is set up to get its tokens from the server of the benchmarks.
import { readFile } from 'node:fs/promises';
import { ConfidentialClientApplication, ProtocolMode } from '@azure/msal-node';
import { OAuth2Client, OAuth2Fetch } from '@badgateway/oauth2-client';
import { type Settings, TokenClient } from '@polyglot-tokens/core';
import { OAuth2Client as GoogleClient } from 'google-auth-library';
import { allowInsecureRequests, Configuration } from 'openid-client';
import { ClientCredentials } from 'simple-oauth2';
import { type Column, COLUMNS } from './table.ts';

export const CLIENT_ID = 'bench';
export const SECRET = 'secret';

export interface Place {
  readonly origin: string;
  readonly tokenUrl: string;
  readonly apiUrl: string;
}

export function core({ tokenUrl, apiUrl }: Place, more: Settings = {}): TokenClient {
  return new TokenClient({ tokenUrl, apiUrl, clientId: CLIENT_ID, clientSecret: SECRET, ...more });
}

export function badgateway({ tokenUrl }: Place, fetchFunction: typeof fetch = fetch): OAuth2Fetch {
  const client = new OAuth2Client({
    tokenEndpoint: tokenUrl,
    clientId: CLIENT_ID,
    clientSecret: SECRET,
    fetch: fetchFunction,
  });
  // Its timers would keep the process.
  return new OAuth2Fetch({
    client,
    getNewToken: () => client.clientCredentials(),
    scheduleRefresh: false,
  });
}

/** It knows no client credentials grant but Google's own; a refresh token gets it its tokens. */
export function google({ tokenUrl }: Place): GoogleClient {
  const client = new GoogleClient({
    clientId: CLIENT_ID,
    clientSecret: SECRET,
    endpoints: { oauth2TokenUrl: tokenUrl },
    forceRefreshOnFailure: true,
  });
  client.setCredentials({ refresh_token: 'RT0' });
  return client;
}

export function openid({ origin, tokenUrl }: Place): Configuration {
  const server = { issuer: origin, token_endpoint: tokenUrl };
  const config = new Configuration(server, CLIENT_ID, SECRET);
  allowInsecureRequests(config);
  return config;
}

export function simple({ origin }: Place): ClientCredentials {
  return new ClientCredentials({
    client: { id: CLIENT_ID, secret: SECRET },
    auth: { tokenHost: origin, tokenPath: '/token' },
  });
}

/** It wants https; its requests are sent to the server by a network module of ours. */
export function msal({ tokenUrl }: Place, fetchFunction: typeof fetch = fetch) {
  const authority = 'https://bench.invalid';
  const metadata = {
    issuer: authority,
    authorization_endpoint: `${authority}/authorize`,
    token_endpoint: `${authority}/token`,
    jwks_uri: `${authority}/jwks`,
  };
  const networkClient = {
    sendGetRequestAsync: () => Promise.reject(new Error('nothing is discovered')),
    // MSAL says of which type the answer is, and nobody can know.
    // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
    async sendPostRequestAsync<T>(_url: string, options?: { body?: string }) {
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
      const body = options?.body ?? '';
      const response = await fetchFunction(tokenUrl, { method: 'POST', headers, body });
      return { headers: {}, status: response.status, body: (await response.json()) as T };
    },
  };
  return new ConfidentialClientApplication({
    auth: {
      clientId: CLIENT_ID,
      clientSecret: SECRET,
      authority,
      knownAuthorities: ['bench.invalid'],
      authorityMetadata: JSON.stringify(metadata),
    },
    system: { networkClient, protocolMode: ProtocolMode.OIDC },
  });
}

export const MSAL_REQUEST = { scopes: ['bench/.default'] };

export async function versions(): Promise<Record<Column, string>> {
  const read = async (name: Column): Promise<[Column, string]> => {
    if (name === 'nothing') return [name, ''];
    const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
    const { version } = JSON.parse(await readFile(file, 'utf8')) as { version: string };
    return [name, version];
  };
  return Object.fromEntries(await Promise.all(COLUMNS.map(read))) as Record<Column, string>;
}
