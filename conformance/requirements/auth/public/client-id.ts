import { plain, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import { login } from '../../../src/trial/logins.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';
import { form, headers } from '../../../src/wire/exchange.ts';

export default requirement({
  rule: 'A public client names itself with client_id and sends nothing in place of a secret.',
  sources: ['RFC 6749, sections 3.2.1 and 4.1.3'],
  level: 'MUST',
  tier: 'core',
  cases: {
    // The code's exchange and the refresh after it.
    a: plain({
      needs: ['authorization_code', 'refresh'],
      async run(stage) {
        const client = await stage.openLogin();
        const { outcome } = await login(client);
        const refreshed =
          outcome.outcome === 'ok' ? await client.tryToken({ force_refresh: true }) : undefined;
        for (const { request } of stage.tokenRequests) {
          const fields = form(request);
          const ids = fields.getAll('client_id');
          must(
            ids.length === 1 && ids[0] === CLIENTS.native.id,
            `client_id=${CLIENTS.native.id}, once`,
            ids,
          );
          must(!fields.has('client_secret'), 'no client_secret, not an empty one either', 'one');
          must(headers(request, 'authorization').length === 0, 'no Authorization header', 'one');
        }
        reach(outcome.outcome === 'ok', 'a login', outcome);
        reach(stage.refreshes.length === 1, 'a refresh', refreshed);
      },
    }),
  },
});
