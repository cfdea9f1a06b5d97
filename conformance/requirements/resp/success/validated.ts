import { provoked, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must } from '../../../src/verdict/verdict.ts';
import { bearer, jsonBody } from '../../../src/wire/exchange.ts';
import type { Fault } from '../../../src/wire/fault.ts';

type Change = NonNullable<Fault['change']>;

async function firstToken(stage: Stage) {
  const client = await stage.open(CLIENTS.service);
  return { token: await client.tryToken(), call: await client.tryCall() };
}

async function refreshedToken(stage: Stage) {
  const client = await stage.open(CLIENTS.service);
  await client.token();
  return { token: await client.tryToken({ force_refresh: true }), call: await client.tryCall() };
}

type Seen = Awaited<ReturnType<typeof firstToken>>;

function mustWork({ token, call }: Seen): void {
  must(token.outcome === 'ok', 'a token', token);
  must(call.outcome === 'ok' && call.status === 200, 'an API call with it', call);
}

function mustReject({ token, call }: Seen, stage: Stage): void {
  must(token.outcome === 'error', 'an error: the answer holds no usable token', token);
  must(token.error.class === 'invalid_response', 'the error class invalid_response', token.error);
  // The second call gets the same answer: whoever let it in the first time would use it now.
  must(call.outcome === 'error', 'no API call without a token', call);
  must(
    stage.apiRequests.length === 0,
    'no request to the API',
    stage.apiRequests.map(({ request }) => request.target),
  );
}

/** The token from before the refresh may still be used; what the faulty answer brought may not. */
function mustRejectRefreshed({ token }: Seen, stage: Stage): void {
  must(token.outcome === 'error', 'an error: the answer holds no usable token', token);
  must(token.error.class === 'invalid_response', 'the error class invalid_response', token.error);
  const first = jsonBody(stage.tokenRequests[0]?.response)?.['access_token'];
  const used = stage.apiRequests.map(({ request }) => bearer(request));
  must(
    used.every((value) => value === first),
    'at most the token from before in API calls',
    used.length,
  );
}

function rejects(change: Change) {
  return provoked({
    needs: ['client_credentials'],
    faults: [{ on: { endpoint: 'token' }, change }],
    flow: firstToken,
    twin: mustWork,
    judge: mustReject,
  });
}

function rejectsOnRefresh(change: Change) {
  return provoked({
    needs: ['client_credentials', 'refresh'],
    faults: [{ on: { endpoint: 'token', grant: 'refresh_token' }, change }],
    flow: refreshedToken,
    twin: mustWork,
    judge: mustRejectRefreshed,
  });
}

const ERROR = { error: 'invalid_client', error_description: 'No' };

export default requirement({
  rule:
    'A success is a JSON object with a non-empty text access_token and a known token_type; not one whose token is missing or empty (a), null or a ' +
    'number (b), whose type is missing or unknown (c), that holds an error (d), or that is no object at all (e).',
  sources: ['RFC 6749, section 5.1', 'RFC 6749, section 7.1'],
  level: 'MUST',
  tier: 'hardened',
  cases: {
    'a-missing': rejects({ json: { access_token: undefined } }),
    'a-empty': rejects({ json: { access_token: '' } }),
    'a-refresh': rejectsOnRefresh({ json: { access_token: undefined } }),
    'b-null': rejects({ json: { access_token: null } }),
    'b-number': rejects({ json: { access_token: 12345678 } }),
    'c-missing': rejects({ json: { token_type: undefined } }),
    'c-mac': rejects({ json: { token_type: 'mac' } }),
    'c-null': rejects({ json: { token_type: null } }),
    'c-refresh': rejectsOnRefresh({ json: { token_type: 'mac' } }),
    d: rejects({ json: ERROR }),
    'd-refresh': rejectsOnRefresh({ json: ERROR }),
    'e-array': rejects({ body: '[]' }),
    'e-null': rejects({ body: 'null' }),
    'e-text': rejects({ body: '"access_token"' }),
    'e-refresh': rejectsOnRefresh({ body: 'null' }),
  },
});
