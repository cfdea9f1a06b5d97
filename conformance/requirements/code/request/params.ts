import { plain, requirement } from '../../../src/requirements/requirement.ts';
import { USERS } from '../../../src/trial/clients.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { VirtualUser } from '../../../src/user/virtual-user.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';
import { query } from '../../../src/wire/exchange.ts';

const OWN_QUERY = 'tenant=k%20o&flag';
const ONCE = [
  'response_type',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method',
];

/** The query with which the browser arrived, after an endpoint that has a query of its own. */
async function asked(stage: Stage): Promise<string> {
  const authorize_url = `${stage.issuer}/protocol/openid-connect/auth?${OWN_QUERY}`;
  const client = await stage.openLogin(undefined, { authorize_url });
  // Where the server sends it is not the question here.
  await new VirtualUser(USERS.ada).authorize(await client.startLogin());
  const [request] = stage.authorizationRequests;
  reach(request !== undefined, 'an authorization request', 'none');
  return query(request.request);
}

export default requirement({
  rule: 'The authorization request asks for a code and nothing else, with each parameter once and encoded, and keeps the query that the endpoint has.',
  sources: ['RFC 6749, sections 3.1 and 4.1.1', 'RFC 9700, section 2.1.2'],
  level: 'MUST',
  tier: 'core',
  cases: {
    a: plain({
      needs: ['authorization_code'],
      async run(stage) {
        const types = new URLSearchParams(await asked(stage)).getAll('response_type');
        must(types.length === 1 && types[0] === 'code', 'response_type=code alone', types);
      },
    }),
    b: plain({
      needs: ['authorization_code'],
      async run(stage) {
        const text = await asked(stage);
        const parameters = new URLSearchParams(text);
        for (const name of ONCE) {
          const count = parameters.getAll(name).length;
          must(count === 1, `${name} once`, `${count} times`);
        }
        const scope = parameters.get('scope');
        must(scope === 'openid profile email', 'the scopes, separated by spaces', scope);
        // A colon may stand in a query as it is (RFC 3986, section 3.4); a slash too, but a form encodes it (RFC 6749, appendix B).
        must(
          /(?:^|&)redirect_uri=http%3A%2F%2F/i.test(text),
          'an encoded redirect_uri',
          'another spelling',
        );
      },
    }),
    'b-query': plain({
      needs: ['authorization_code'],
      async run(stage) {
        const text = await asked(stage);
        const pieces = text.split('&');
        const tenant = pieces.filter((piece) => /^tenant=k(?:%20|\+)o$/.test(piece));
        must(tenant.length === 1, "the endpoint's own parameter, once", tenant.length);
        const flag = pieces.filter((piece) => /^flag=?$/.test(piece));
        must(flag.length === 1, "the endpoint's own parameter without a value, once", flag.length);
      },
    }),
  },
});
