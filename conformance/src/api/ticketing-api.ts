import { readFileSync } from 'node:fs';
import { Hono, type Context } from 'hono';

const CATALOGS = readFileSync(new URL('catalogs.json', import.meta.url), 'utf8');

/** What an API finds wrong with a token; nothing, if it takes it. */
export type TokenCheck = (token: string) => Promise<string | undefined>;

/**
 * The protected resource: a small ticketing API that takes real tokens only.
 *
 * It also takes the token from the query and in any spelling of the scheme (RFC 9110, section 11.1), because it is not this API that judges
 * how a token may travel: a client that breaks that rule should be seen doing so, and still get its answer.
 */
export function ticketingApi(check: TokenCheck): Hono {
  const api = new Hono({ strict: true });

  api.use('/v1/*', async (context, next) => {
    const token = presentedToken(context);
    if (token === undefined) return challenge(context, undefined);
    const wrong = await check(token);
    if (wrong !== undefined) return challenge(context, wrong);
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
