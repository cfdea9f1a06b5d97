import {
  EVERY_SERVER,
  plain,
  provoked,
  requirement,
} from '../../../src/requirements/requirement.ts';
import { CLIENTS, USERS } from '../../../src/trial/clients.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';
import { form } from '../../../src/wire/exchange.ts';

const { username, password } = USERS.zoe;

async function withPassword(stage: Stage) {
  const client = await stage.open(CLIENTS.password, {
    grant: 'password',
    username,
    password,
    scope: 'tickets.read',
  });
  return client.tryToken();
}

/** A client that knows a password, and is told to use it or to log a person in. */
async function knowingOne(stage: Stage, isProvoked: boolean) {
  const credentials = { username, password, scope: 'openid' };
  const client = isProvoked
    ? await stage.openLogin(CLIENTS.native, credentials)
    : await stage.open(CLIENTS.password, { grant: 'password', ...credentials });
  return client.tryToken();
}

export default requirement({
  rule: 'The password grant sends the name, the password and the client authentication, and is used only where it was chosen by its name.',
  sources: ['RFC 6749, section 4.3.2', 'RFC 9700, section 2.4'],
  level: 'practice',
  tier: 'core',
  cases: {
    a: plain({
      needs: ['password'],
      servers: EVERY_SERVER,
      async run(stage) {
        const outcome = await withPassword(stage);
        const [asked] = stage.tokenRequests;
        reach(asked !== undefined, 'a token request', outcome);
        const fields = form(asked.request);
        const expected = {
          grant_type: 'password',
          username,
          password,
          scope: 'tickets.read',
          client_id: CLIENTS.password.id,
          client_secret: CLIENTS.password.secret,
        };
        for (const [name, value] of Object.entries(expected)) {
          const sent = fields.getAll(name);
          must(
            sent.length === 1 && sent[0] === value,
            `the ${name} as configured, once`,
            sent.length,
          );
        }
        must(outcome.outcome === 'ok', 'a token', outcome);
        must(stage.tokenRequests.length === 1, 'one token request', stage.tokenRequests.length);
      },
    }),
    b: provoked({
      needs: ['password', 'authorization_code'],
      flow: knowingOne,
      twin: (outcome) => must(outcome.outcome === 'ok', 'a token by the password', outcome),
      judge(outcome, stage) {
        must(stage.tokenRequests.length === 0, 'no token request', `${stage.tokenRequests.length}`);
        must(
          outcome.outcome === 'error' && outcome.error.class === 'login_required',
          'login_required',
          outcome,
        );
      },
    }),
  },
});
