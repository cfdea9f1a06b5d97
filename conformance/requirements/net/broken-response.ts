import { provoked, requirement } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import { must, reach } from '../../src/verdict/verdict.ts';
import type { Fault } from '../../src/wire/fault.ts';

// All that a client needs is there; only the end is missing.
const CUT = '{"access_token":"of-no-use","token_type":"Bearer","expires_in":1800,"scope":"';

/** All token requests fare alike, so that a client that tries again has no way out either: repeating is not the business of this rule. */
function broken(fault: Omit<Fault, 'on'>) {
  return provoked({
    needs: ['client_credentials'],
    faults: [{ on: { endpoint: 'token' }, ...fault }],
    async flow(stage) {
      const client = await stage.open(CLIENTS.service);
      return { token: await client.tryToken(), call: await client.tryCall() };
    },
    twin({ token, call }) {
      must(token.outcome === 'ok', 'a token', token);
      must(call.outcome === 'ok' && call.status === 200, 'an API call with it', call);
    },
    judge({ token, call }, stage) {
      reach(
        stage.tokenRequests[0]?.upstream?.status === 200,
        'a token request that Keycloak accepts',
        stage.tokenRequests[0]?.upstream?.status,
      );
      must(
        token.outcome === 'error' && ['network', 'invalid_response'].includes(token.error.class),
        'the error class network or invalid_response',
        token,
      );
      // The next call fares like the first one: whoever has kept the part would use it now.
      must(call.outcome === 'error', 'no API call without a token', call);
      must(stage.apiRequests.length === 0, 'no request to the API', stage.apiRequests.length);
    },
  });
}

export default requirement({
  rule:
    'An answer that breaks off is an error, and nothing of it is used: a reset before the status (a), a body shorter than Content-Length (b), ' +
    'chunks without the last one (c), JSON without its end (d).',
  sources: ['RFC 9112, section 8'],
  level: 'MUST',
  tier: 'hardened',
  cases: {
    a: broken({ breaks: 'reset' }),
    b: broken({ breaks: 'short' }),
    c: broken({ breaks: 'unterminated' }),
    d: broken({ change: { body: CUT } }),
  },
});
