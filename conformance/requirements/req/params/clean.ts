import { plain, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';
import { form } from '../../../src/wire/exchange.ts';

// How languages print a value that is not there.
const NOTHINGS = new Set([
  '',
  'null',
  'undefined',
  'none',
  'na',
  'nil',
  'nan',
  'false',
  '{}',
  '[]',
  '[object object]',
]);

function mustBeClean(stage: Stage): void {
  for (const { request } of stage.tokenRequests) {
    const names = [...form(request).keys()];
    reach(names.includes('grant_type'), 'a form', request.body);
    must(new Set(names).size === names.length, 'each parameter once', names);
    for (const [name, value] of form(request)) {
      must(
        !NOTHINGS.has(value.toLowerCase()),
        `no ${name} parameter, or one with a value`,
        `${name}=${value}`,
      );
    }
  }
}

function mustNotSend(stage: Stage, name: string): void {
  for (const { request } of stage.tokenRequests) {
    must(
      !form(request).has(name),
      `no ${name} parameter`,
      `${name}=${form(request).get(name) ?? ''}`,
    );
  }
}

export default requirement({
  rule: 'A token request holds no parameter twice (a), and options that are not set are left out, neither empty nor as the word of a language for nothing (b).',
  sources: ['RFC 6749, section 3.2'],
  level: 'MUST',
  tier: 'hardened',
  cases: {
    a: plain({
      needs: ['client_credentials', 'refresh'],
      async run(stage) {
        for (const method of ['post', 'basic'] as const) {
          const client = await stage.open(CLIENTS.service, {
            client_auth: method,
            scope: 'tickets.read',
          });
          await client.tryToken();
          mustBeClean(stage);
          await client.tryToken({ force_refresh: true });
          mustBeClean(stage);
        }
        reach(stage.refreshes.length === 2, 'two refresh requests', stage.tokenRequests.length);
      },
    }),
    'b-scope': plain({
      needs: ['client_credentials', 'refresh'],
      async run(stage) {
        const client = await stage.open(CLIENTS.service);
        await client.tryToken();
        mustBeClean(stage);
        mustNotSend(stage, 'scope');
        await client.tryToken({ force_refresh: true });
        mustBeClean(stage);
        mustNotSend(stage, 'scope');
        reach(stage.refreshes.length === 1, 'a refresh request', stage.tokenRequests.length);
      },
    }),
    'b-secret': plain({
      needs: ['client_credentials'],
      async run(stage) {
        const known = await stage.open(CLIENTS.service);
        await known.token();
        const client = await stage.open({ id: CLIENTS.service.id }, { client_auth: 'none' });
        // Keycloak refuses it; what counts is what was sent.
        await client.tryToken();
        const request = stage.tokenRequests.at(-1)?.request;
        reach(
          request !== undefined && stage.tokenRequests.length >= 2,
          'a second token request',
          stage.tokenRequests.length,
        );
        mustBeClean(stage);
        must(!form(request).has('client_secret'), 'no client_secret parameter', [
          ...form(request).keys(),
        ]);
      },
    }),
  },
});
