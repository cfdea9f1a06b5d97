import {
  DECODING_SERVERS,
  EVERY_SERVER,
  plain,
  requirement,
} from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import type { Stage } from '../../src/trial/stage.ts';
import { must, reach } from '../../src/verdict/verdict.ts';
import { form, header, jsonBody, path } from '../../src/wire/exchange.ts';

async function refreshAndCompare(stage: Stage, method: 'basic' | 'post'): Promise<void> {
  const client = await stage.open(CLIENTS.service, { client_auth: method });
  await client.token();
  await client.tryToken({ force_refresh: true });
  const [grant, second] = stage.tokenRequests;
  must(
    grant !== undefined && second !== undefined,
    'a second token request',
    stage.tokenRequests.length,
  );
  const fields = form(second.request);
  must(
    fields.get('grant_type') === 'refresh_token',
    'grant_type=refresh_token',
    `grant_type=${fields.get('grant_type') ?? ''}`,
  );
  const issued = jsonBody(grant.response)?.['refresh_token'];
  must(
    fields.get('refresh_token') === issued,
    'the refresh token that was issued',
    'another one, or none',
  );
  must(
    header(second.request, 'authorization') === header(grant.request, 'authorization'),
    'the same Authorization header as at issue',
    header(second.request, 'authorization') === undefined ? 'none' : 'another one',
  );
  for (const name of ['client_id', 'client_secret']) {
    must(
      fields.get(name) === form(grant.request).get(name),
      `the same ${name} as at issue`,
      fields.has(name) ? 'another one' : 'none',
    );
  }
  reach(
    second.response?.status === 200,
    'the server to accept the refresh',
    second.response?.status,
  );
  await stage.mustRemember('refresh', 1);
}

export default requirement({
  rule:
    'A refresh sends grant_type=refresh_token, the refresh token and the same client authentication as at issue (a), to the configured refresh ' +
    'endpoint if there is one (b).',
  sources: ['RFC 6749, section 6', 'OpenID Connect Core 1.0, section 12.1'],
  level: 'MUST',
  tier: 'core',
  cases: {
    'a-post': plain({
      needs: ['client_credentials', 'refresh'],
      servers: EVERY_SERVER,
      run: (stage) => refreshAndCompare(stage, 'post'),
    }),
    'a-basic': plain({
      needs: ['client_credentials', 'refresh'],
      servers: DECODING_SERVERS,
      run: (stage) => refreshAndCompare(stage, 'basic'),
    }),
    b: plain({
      needs: ['client_credentials', 'refresh'],
      servers: EVERY_SERVER,
      async run(stage) {
        const client = await stage.open(CLIENTS.service, { refresh_url: stage.refreshUrl });
        await client.token();
        await client.tryToken({ force_refresh: true });
        const [grant, second] = stage.tokenRequests.map(({ request }) => path(request));
        must(grant === new URL(stage.tokenUrl).pathname, 'the grant at the token endpoint', grant);
        must(
          second === new URL(stage.refreshUrl).pathname,
          'the refresh at the refresh endpoint',
          second ?? 'no second request',
        );
      },
    }),
  },
});
