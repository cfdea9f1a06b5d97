import { provoked, requirement } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import { must, reach } from '../../src/verdict/verdict.ts';
import { ELSEWHERE } from '../../src/wire/fault.ts';

// The token endpoint under another origin, where whoever comes is served: a client that follows gets its token.
const TARGET = `${ELSEWHERE}/realms/korusticket/protocol/openid-connect/token`;

function answered(status: 301 | 302 | 303 | 307 | 308) {
  return provoked({
    needs: ['client_credentials'],
    faults: [
      { on: { endpoint: 'token', nth: [1] }, answer: { status, headers: { Location: TARGET } } },
    ],
    flow: async (stage) => (await stage.open(CLIENTS.service)).tryToken(),
    twin: (outcome) => must(outcome.outcome === 'ok', 'a token', outcome),
    judge(outcome, stage) {
      const [first, ...more] = stage.wire;
      reach(first?.response?.status === status, `a redirect with ${status}`, first?.response);
      must(
        more.length === 0,
        'no request after the redirect',
        more.map(({ request }) => `${request.method} ${request.target}`),
      );
      must(
        outcome.outcome === 'error' && outcome.error.class === 'invalid_response',
        'the error class invalid_response',
        outcome,
      );
    },
  });
}

export default requirement({
  rule: 'A redirect from the token endpoint is not followed but reported.',
  sources: [
    'RFC 9110, section 15.4',
    'practice: 307 and 308 carry the secret to wherever the answer says',
  ],
  level: 'practice',
  tier: 'hardened',
  cases: {
    'a-301': answered(301),
    'a-302': answered(302),
    'a-303': answered(303),
    'a-307': answered(307),
    'a-308': answered(308),
  },
});
