import { plain, provoked, requirement } from '../../src/requirements/requirement.ts';
import { loginAndAsk, mustAccept, mustRefuse } from '../../src/trial/id-tokens.ts';
import { loginUpToCallback } from '../../src/trial/logins.ts';
import type { Stage } from '../../src/trial/stage.ts';
import { must, reach } from '../../src/verdict/verdict.ts';
import { query } from '../../src/wire/exchange.ts';

const LOGINS = 3;
// Providers are asked to take 64 characters at least (FAPI 2.0, section 5.3.3).
const LONGEST = 64;
// 128 bits in Base64 without padding.
const SHORTEST = 22;

async function asked(stage: Stage): Promise<URLSearchParams> {
  await loginUpToCallback(await stage.openLogin());
  const request = stage.authorizationRequests.at(-1);
  reach(request !== undefined, 'an authorization request', 'none');
  return new URLSearchParams(query(request.request));
}

export default requirement({
  rule: 'Who wants an ID token asks with the scope openid and a new nonce, and insists on getting one.',
  sources: [
    'OpenID Connect Core 1.0, sections 3.1.2.1, 3.1.3.3 and 15.5.2',
    'FAPI 2.0 Security Profile, section 5.3.3',
  ],
  level: 'MUST',
  tier: 'core',
  cases: {
    a: plain({
      needs: ['authorization_code', 'openid'],
      async run(stage) {
        const scope = (await asked(stage)).get('scope') ?? '';
        must(scope.split(' ').includes('openid'), 'openid in the scope', scope);
      },
    }),
    b: plain({
      needs: ['authorization_code', 'openid'],
      async run(stage) {
        const nonces: string[] = [];
        for (let i = 0; i < LOGINS; i++) {
          const client = await stage.openLogin();
          const sent = new URL(await client.startLogin()).searchParams.getAll('nonce');
          must(sent.length === 1, 'one nonce', sent.length);
          nonces.push(sent[0] ?? '');
        }
        must(
          new Set(nonces).size === LOGINS,
          'another nonce for every login',
          'the same one twice',
        );
        const lengths = nonces.map(({ length }) => length);
        must(
          Math.min(...lengths) >= SHORTEST && Math.max(...lengths) <= LONGEST,
          `${SHORTEST} to ${LONGEST} characters`,
          lengths,
        );
        const odd = nonces.find((nonce) => !/^[\w.~-]+$/.test(nonce));
        must(odd === undefined, 'unreserved characters alone (RFC 3986, section 2.3)', 'others');
      },
    }),
    c: provoked({
      needs: ['authorization_code', 'openid'],
      faults: [
        {
          on: { endpoint: 'token', grant: 'authorization_code' },
          change: { json: { id_token: undefined } },
        },
      ],
      flow: loginAndAsk,
      twin: mustAccept,
      judge: mustRefuse,
    }),
  },
});
