import { readFileSync } from 'node:fs';
import { Hono, type Context } from 'hono';
import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify } from 'jose';

const AUDIENCE = 'ticketing-api';
const CATALOGS = readFileSync(new URL('catalogs.json', import.meta.url), 'utf8');

export interface TicketingApiOptions {
  /** The issuer whose tokens are taken, as the trial's client knows it. */
  readonly issuer: string;
  readonly jwks: JSONWebKeySet;
  /** Asks the server whether a token is still active (RFC 7662), beside checking it: sees a session that has ended. */
  readonly isActive?: (token: string) => Promise<boolean>;
}

/**
 * The protected resource: a small ticketing API that verifies a real token's signature, issuer, audience and expiry.
 *
 * It also takes the token from the query and in any spelling of the scheme (RFC 9110, section 11.1), because it is not this API that judges
 * how a token may travel: a client that breaks that rule should be seen doing so, and still get its answer.
 */
export function ticketingApi({ issuer, jwks, isActive }: TicketingApiOptions): Hono {
  const keys = createLocalJWKSet(jwks);
  const api = new Hono({ strict: true });

  api.use('/v1/*', async (context, next) => {
    const token = presentedToken(context);
    if (token === undefined) return challenge(context, undefined);
    try {
      await jwtVerify(token, keys, { issuer, audience: AUDIENCE, algorithms: ['RS256'] });
    } catch (error) {
      return challenge(context, error instanceof errors.JOSEError ? error.code : 'not verified');
    }
    if (isActive && !(await isActive(token))) return challenge(context, 'The session has ended');
    return next();
  });

  api.get('/v1/ticketing/catalogs', (context) => context.redirect('/v1/ticketing/catalogs/', 301));
  api.get('/v1/ticketing/catalogs/', (context) => json(context, CATALOGS));
  api.post('/v1/ticketing/orders/', async (context) =>
    json(context, JSON.stringify({ ordered: await context.req.text() })),
  );
  return api;
}

function presentedToken(context: Context): string | undefined {
  const [, fromHeader] = /^bearer +(\S+)$/i.exec(context.req.header('authorization') ?? '') ?? [];
  return fromHeader ?? context.req.query('access_token');
}

function challenge(context: Context, why: string | undefined): Response {
  // Without credentials there is no error to name (RFC 6750, section 3.1).
  const parameters = why === undefined ? '' : `, error="invalid_token", error_description="${why}"`;
  context.header('WWW-Authenticate', `Bearer realm="ticketing"${parameters}`);
  return context.json(
    why === undefined ? {} : { error: 'invalid_token', error_description: why },
    401,
  );
}

function json(context: Context, body: string): Response {
  context.header('Content-Type', 'application/json');
  return context.body(body);
}
