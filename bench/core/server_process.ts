import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';

export interface Rules {
  /** Seconds that its tokens live. Default 3600. */
  readonly expiresIn?: number;
  /** Whether it issues refresh tokens, each of which it takes once. */
  readonly rotates?: boolean;
  /** How many calls of the API to hold, and to refuse all at once. Default 0. */
  readonly storm?: number;
}

export interface Counts {
  readonly tokenRequests: number;
  readonly refreshes: number;
  /** Refresh tokens that came a second time. */
  readonly replays: number;
  readonly accepted: number;
  readonly refused: number;
}

let rules: Rules = {};
let counts: Record<keyof Counts, number> = none();
let issued = 0;
let valid = 0;
let held: ServerResponse[] = [];

function none(): Record<keyof Counts, number> {
  return { tokenRequests: 0, refreshes: 0, replays: 0, accepted: 0, refused: 0 };
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function token(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const form = new URLSearchParams(await text(request));
  counts.tokenRequests++;
  if (form.get('grant_type') === 'refresh_token') {
    counts.refreshes++;
    if (rules.rotates && form.get('refresh_token') !== `RT${issued}`) {
      counts.replays++;
      json(response, 400, { error: 'invalid_grant' });
      return;
    }
  }
  issued++;
  json(response, 200, {
    access_token: `AT${issued}`,
    token_type: 'Bearer',
    expires_in: rules.expiresIn ?? 3600,
    ...(rules.rotates && { refresh_token: `RT${issued}` }),
  });
}

function refuse(response: ServerResponse): void {
  counts.refused++;
  response.setHeader('WWW-Authenticate', 'Bearer error="invalid_token"');
  json(response, 401, {});
}

function api({ headers }: IncomingMessage, response: ServerResponse): void {
  const { storm = 0 } = rules;
  if (counts.refused < storm) {
    held.push(response);
    if (held.length < storm) return;
    // From here on only a token that was issued later will do.
    valid = issued + 1;
    for (const one of held) refuse(one);
    held = [];
    return;
  }
  const number = Number(/^Bearer AT(\d+)$/.exec(headers.authorization ?? '')?.[1] ?? -1);
  if (number < valid) {
    refuse(response);
    return;
  }
  counts.accepted++;
  json(response, 200, { ok: true });
}

const server = createServer((request, response) => {
  if (request.url === '/token') void token(request, response);
  else api(request, response);
});
server.keepAliveTimeout = 600_000;
server.listen({ port: 0, host: '127.0.0.1', backlog: 16_384 }, () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

process.on('message', (message: Rules | 'counts') => {
  if (message !== 'counts') {
    rules = message;
    counts = none();
    held = [];
    valid = 0;
  }
  process.send?.(counts);
});
process.on('disconnect', () => process.exit());
