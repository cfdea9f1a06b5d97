import { plain, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';
import { form } from '../../../src/wire/exchange.ts';

const SCOPES = ['Catalog.Read', 'tickets.read', 'tickets.write'];

export default requirement({
  rule: 'Scopes go in one scope value, separated by single spaces, with their case kept.',
  sources: ['RFC 6749, section 3.3'],
  level: 'MUST',
  tier: 'core',
  cases: {
    a: plain({
      needs: ['client_credentials'],
      async run(stage) {
        const client = await stage.open(CLIENTS.service, { scope: SCOPES.join(' ') });
        const outcome = await client.tryToken();
        const request = stage.grants[0]?.request;
        reach(request !== undefined, 'a token request', outcome);
        reach(form(request).has('grant_type'), 'a form', request.body);
        const values = form(request).getAll('scope');
        // The order of scopes does not matter (section 3.3).
        const sent = values.join(' ').split(' ').toSorted();
        must(
          values.length === 1 && sent.join(' ') === SCOPES.toSorted().join(' '),
          `the scopes ${SCOPES.join(' ')} in one value`,
          values,
        );
      },
    }),
  },
});
