import { provoked, requirement } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import { loggedIn } from '../../src/trial/logins.ts';
import type { Stage } from '../../src/trial/stage.ts';
import { must, reach } from '../../src/verdict/verdict.ts';
import { form, header, jsonBody, query } from '../../src/wire/exchange.ts';

/** A person logs in and, a refresh later, out, unless she stays. */
async function logOut(stage: Stage, leaves: boolean) {
  const client = await stage.openLogin(CLIENTS.web);
  await loggedIn(client);
  await client.token({ force_refresh: true });
  const outcome = leaves ? await client.tryLogout() : undefined;
  const refreshToken = newestRefreshToken(stage);
  return { outcome, isAlive: await stage.takesRefreshToken(refreshToken, CLIENTS.web) };
}
type Seen = Awaited<ReturnType<typeof logOut>>;

function newestRefreshToken(stage: Stage): string {
  const issued = stage.tokenRequests.map(({ response }) => jsonBody(response)?.['refresh_token']);
  const newest = issued.filter((token) => typeof token === 'string').at(-1);
  reach(newest !== undefined, 'a refresh token', 'none');
  return newest;
}

/** As RFC 7009, section 2.1 has it. */
function mustRevoke({ outcome, isAlive }: Seen, stage: Stage): void {
  must(outcome?.outcome === 'ok', 'a logout', outcome);
  const newest = newestRefreshToken(stage);
  const revocation = stage.revocations.find(({ request }) => form(request).get('token') === newest);
  const seen = `${stage.revocations.length} requests to the revocation endpoint`;
  must(revocation !== undefined, 'a revocation of the newest refresh token in a form', seen);
  const { request } = revocation;
  must(request.method === 'POST', 'POST', request.method);
  const type = header(request, 'content-type') ?? 'none';
  must(type.startsWith('application/x-www-form-urlencoded'), 'a form', type);
  must(query(request) === '', 'nothing in the query', query(request));
  must(
    form(request).get('client_id') === CLIENTS.web.id &&
      form(request).get('client_secret') === CLIENTS.web.secret,
    'the configured client authentication',
    [...form(request).keys()],
  );
  must(!isAlive, 'a refresh token that the server takes no more', 'one that it takes');
}

export default requirement({
  rule:
    'A logout revokes the newest refresh token, authenticated, at the endpoint that the server publishes (a); what was dead before is a success, an ' +
    'outage is not (b).',
  sources: ['RFC 7009, sections 2.1, 2.2, 2.2.1'],
  level: 'MUST',
  tier: 'hardened',
  cases: {
    a: provoked({
      needs: ['authorization_code', 'refresh', 'revocation'],
      flow: logOut,
      // The question whether it lives has an answer other than no.
      twin: ({ isAlive }) =>
        must(isAlive, 'a refresh token that the server takes', 'one that is dead'),
      judge: mustRevoke,
    }),
    'b-unknown': provoked({
      needs: ['authorization_code', 'refresh', 'revocation'],
      async flow(stage, ended) {
        const client = await stage.openLogin(CLIENTS.web);
        await loggedIn(client);
        if (ended) await stage.endSession();
        return client.tryLogout();
      },
      twin: (outcome) => must(outcome.outcome === 'ok', 'a logout', outcome),
      judge(outcome, stage) {
        must(outcome.outcome === 'ok', 'a logout', outcome);
        const [first] = stage.revocations;
        reach(
          first?.upstream?.status === 200,
          'status 200 for a token that is dead',
          first?.upstream?.status,
        );
      },
    }),
    'b-503': provoked({
      needs: ['authorization_code', 'refresh', 'revocation'],
      faults: [{ on: { endpoint: 'revocation' }, answer: { status: 503 } }],
      flow: (stage) => logOut(stage, true),
      twin: mustRevoke,
      judge({ outcome, isAlive }) {
        reach(isAlive, 'a refresh token that lives on', 'one that is dead');
        must(
          outcome?.outcome === 'error' && outcome.error.class === 'unavailable',
          'the error class unavailable',
          outcome,
        );
      },
    }),
  },
});
