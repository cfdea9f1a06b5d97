import {
  DECODING_SERVERS,
  plain,
  provoked,
  requirement,
} from '../../src/requirements/requirement.ts';
import type { TokenOutcome } from '../../src/adapter/client.ts';
import { CLIENTS, USERS, withCredentials } from '../../src/trial/clients.ts';
import { closedUrl } from '../../src/trial/closed-url.ts';
import { mustRefuseSettings, tokenWith } from '../../src/trial/settings.ts';
import type { Stage } from '../../src/trial/stage.ts';
import { must } from '../../src/verdict/verdict.ts';
import { basicCredentials, header, headers } from '../../src/wire/exchange.ts';

// Its secret holds nothing but unreserved characters, so that every reader of URLs takes it in the same way.
const CLIENT = CLIENTS.password;
const { id, secret } = CLIENT;

/** Nothing but the URL has the secret, or says how to authenticate. */
function withUrl(stage: Stage, token_url: string): Promise<TokenOutcome> {
  return tokenWith(
    stage,
    { id },
    { grant: 'password', ...USERS.ada, token_url, client_auth: undefined, debug: true },
  );
}

/** What else may not be shown is the business of `sec.output`. */
function mustNotShow(stage: Stage, outcome: TokenOutcome): void {
  for (const [where, text] of [
    ['what the client said', JSON.stringify(outcome)],
    ['standard error', stage.stderr],
  ] as const)
    must(!text.includes(`${secret}@`), `no URL with credentials in ${where}`, 'one stands there');
}

export default requirement({
  rule: 'Credentials in the URL of the token endpoint go into the Authorization header, and the URL is shown and requested without them; their secret is not sent for another id.',
  sources: ['RFC 9110, section 4.2.4', 'RFC 6749, section 2.3.1'],
  level: 'MUST',
  tier: 'core',
  cases: {
    a: plain({
      needs: ['password'],
      servers: DECODING_SERVERS,
      async run(stage) {
        const outcome = await withUrl(stage, withCredentials(stage.tokenUrl, CLIENT));
        const [asked] = stage.tokenRequests;
        must(asked !== undefined, 'a token request', outcome);
        const { request } = asked;
        const sent = basicCredentials(request);
        must(
          headers(request, 'authorization').length === 1 &&
            sent?.clientId === id &&
            sent.clientSecret === secret,
          'id and secret in one Basic header',
          headers(request, 'authorization').length,
        );
        mustNotShow(stage, outcome);
        must(!request.target.includes('@'), 'a request target without credentials', 'with them');
        const named = [header(request, 'host'), header(request, 'referer')].join(' ');
        must(!named.includes('@'), 'Host and Referer without credentials', 'with them');
        must(outcome.outcome === 'ok', 'a token', outcome);
      },
    }),
    // Nobody answers: the message names the URL that was asked.
    b: provoked({
      needs: ['password'],
      servers: DECODING_SERVERS,
      async flow(stage, isProvoked) {
        const url = isProvoked ? await closedUrl() : stage.tokenUrl;
        return withUrl(stage, withCredentials(url, CLIENT));
      },
      twin: (outcome) => must(outcome.outcome === 'ok', 'a token', outcome),
      judge(outcome, stage) {
        must(outcome.outcome === 'error' && outcome.error.class === 'network', 'network', outcome);
        mustNotShow(stage, outcome);
      },
    }),
    c: provoked({
      needs: ['client_credentials'],
      async flow(stage, isProvoked) {
        const { service, plain: other } = CLIENTS;
        const token_url = withCredentials(stage.tokenUrl, service);
        const client = { id: isProvoked ? other.id : service.id };
        return tokenWith(stage, client, { token_url, client_auth: undefined });
      },
      twin: (outcome) => must(outcome.outcome === 'ok', 'a token', outcome),
      judge: mustRefuseSettings,
    }),
  },
});
