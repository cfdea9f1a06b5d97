import { plain, provoked, requirement } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import { fingerprint } from '../../src/trial/labels.ts';
import { mustNotLeak } from '../../src/trial/leaks.ts';
import type { Stage } from '../../src/trial/stage.ts';
import { must, reach } from '../../src/verdict/verdict.ts';
import { jsonBody } from '../../src/wire/exchange.ts';

function mustKeepSecrets(stage: Stage): void {
  mustNotLeak(stage.stderr, 'standard error', stage.wire);
  mustNotLeak(JSON.stringify(stage.answers), 'the answers of the adapter', stage.wire);
}

/** Silence would pass any search: the client must have been seen to print its tokens, by their short digests. */
function reachPrint(stage: Stage): void {
  for (const { response } of stage.tokenRequests) {
    const token = jsonBody(response)?.['access_token'];
    if (typeof token !== 'string') continue;
    reach(
      stage.stderr.includes(fingerprint(token)),
      `the digest ${fingerprint(token)} of an access token on standard error`,
      'none',
    );
  }
}

async function tokenAndRefresh(stage: Stage) {
  const client = await stage.open(CLIENTS.service, { debug: true });
  await client.token();
  return client.tryToken({ force_refresh: true });
}

const QUOTING = {
  status: 400,
  headers: { 'Content-Type': 'application/json' },
  body: `{"error":"invalid_grant","secret":"${CLIENTS.service.secret}" this is not JSON`,
};

const QUOTED = {
  status: 400,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({
    error: 'invalid_request',
    error_description: `client_secret=${CLIENTS.service.secret} came with a refresh`,
  }),
};

export default requirement({
  rule: 'No secret or token stands in any output, at the highest verbosity: not in a log of requests (a), not where an object is printed (b), not in an error.',
  sources: ['RFC 6749, sections 10.3, 10.4 and 10.7'],
  level: 'MUST',
  tier: 'hardened',
  cases: {
    'a-post': plain({
      needs: ['client_credentials', 'refresh'],
      async run(stage) {
        const client = await stage.open(CLIENTS.service, { client_auth: 'post', debug: true });
        await client.token();
        await client.token({ force_refresh: true });
        await client.call();
        mustKeepSecrets(stage);
        reachPrint(stage);
      },
    }),
    'a-basic': plain({
      needs: ['client_credentials', 'refresh'],
      async run(stage) {
        const client = await stage.open(CLIENTS.reserved, { client_auth: 'basic', debug: true });
        await client.token();
        await client.token({ force_refresh: true });
        await client.call();
        mustKeepSecrets(stage);
        reachPrint(stage);
      },
    }),
    'b-error': provoked({
      needs: ['client_credentials', 'refresh'],
      faults: [{ on: { endpoint: 'token', grant: 'refresh_token' }, answer: QUOTING }],
      flow: tokenAndRefresh,
      twin: (outcome) => must(outcome.outcome === 'ok', 'a refreshed token', outcome),
      judge(outcome, stage) {
        mustKeepSecrets(stage);
        must(outcome.outcome === 'error', 'an error', outcome);
        reachPrint(stage);
      },
    }),
    // A server that quotes what it was sent.
    'b-quoted': provoked({
      needs: ['client_credentials', 'refresh'],
      faults: [{ on: { endpoint: 'token', grant: 'refresh_token' }, answer: QUOTED }],
      flow: tokenAndRefresh,
      twin: (outcome) => must(outcome.outcome === 'ok', 'a refreshed token', outcome),
      judge(outcome, stage) {
        mustKeepSecrets(stage);
        must(
          outcome.outcome === 'error' && outcome.error.oauth_error === 'invalid_request',
          "the server's error",
          outcome,
        );
        reachPrint(stage);
      },
    }),
    'b-broken': provoked({
      needs: ['client_credentials'],
      faults: [
        {
          on: { endpoint: 'token', nth: [1] },
          change: { json: { token_type: 'mac', expires_in: 'soon' } },
        },
      ],
      async flow(stage) {
        const client = await stage.open(CLIENTS.service, { debug: true });
        const refused = await client.tryToken();
        await client.token();
        return refused;
      },
      twin: (outcome) => must(outcome.outcome === 'ok', 'a token', outcome),
      // Whether it is refused is the matter of resp.success.validated; here, what is said of it.
      judge(_, stage) {
        mustKeepSecrets(stage);
      },
    }),
  },
});
