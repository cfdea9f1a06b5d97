import { EVERY_SERVER, provoked, requirement } from '../../src/requirements/requirement.ts';
import type { Config } from '../../src/protocol/messages.ts';
import { CLIENTS, USERS } from '../../src/trial/clients.ts';
import type { Stage } from '../../src/trial/stage.ts';
import { must, reach } from '../../src/verdict/verdict.ts';
import { jsonBody } from '../../src/wire/exchange.ts';

type Seen = Awaited<ReturnType<typeof ask>>;

async function ask(stage: Stage, config: Partial<Config>) {
  const client = await stage.open(CLIENTS.service, config);
  return client.tryToken();
}

function mustReport(outcome: Seen, stage: Stage, errorClass: string): void {
  const answer = stage.tokenRequests.at(-1)?.response;
  reach(answer !== undefined && answer.status >= 400, 'a refusal', answer?.status ?? outcome);
  const said = jsonBody(answer);
  must(outcome.outcome === 'error', 'an error', outcome);
  const { error } = outcome;
  must(error.class === errorClass, `the class ${errorClass}`, error);
  must(
    error.oauth_error === said?.['error'],
    `the server's error ${String(said?.['error'])}`,
    error,
  );
  must(
    error.oauth_description === said?.['error_description'],
    "the server's error_description",
    error,
  );
  must(error.http_status === answer.status, `the HTTP status ${answer.status}`, error);
}

function mustWork(outcome: Seen): void {
  must(outcome.outcome === 'ok', 'a token', outcome);
}

export default requirement({
  rule: "The server's error code, its description and the HTTP status come back as data.",
  sources: [
    'RFC 6749, section 5.2',
    'practice: whoever sees only "HTTP 400" cannot tell what to change',
  ],
  level: 'practice',
  tier: 'core',
  cases: {
    'a-secret': provoked({
      needs: ['client_credentials'],
      servers: EVERY_SERVER,
      flow: (stage, wrong) =>
        ask(stage, wrong ? { client_secret: 'not-the-secret-of-this-client' } : {}),
      twin: mustWork,
      judge: (seen, stage) => mustReport(seen, stage, 'invalid_client'),
    }),
    'a-scope': provoked({
      needs: ['client_credentials'],
      servers: EVERY_SERVER,
      flow: (stage, wrong) => ask(stage, { scope: wrong ? 'no.such.scope' : 'tickets.read' }),
      twin: mustWork,
      judge: (seen, stage) => mustReport(seen, stage, 'invalid_scope'),
    }),
    'a-password': provoked({
      needs: ['password'],
      // The third answers access_denied.
      servers: ['keycloak', 'django-oauth-toolkit'],
      async flow(stage, wrong) {
        const person = { ...USERS.ada, ...(wrong && { password: 'another one' }) };
        const client = await stage.open(CLIENTS.password, { grant: 'password', ...person });
        return client.tryToken();
      },
      twin: mustWork,
      judge: (seen, stage) => mustReport(seen, stage, 'invalid_grant'),
    }),
  },
});
