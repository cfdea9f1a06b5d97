import { DECODING_SERVERS, plain, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';
import { basicCredentials, type Exchange, header } from '../../../src/wire/exchange.ts';

function mustBeEncoded({ request }: Exchange): void {
  const credentials = header(request, 'authorization')?.replace(/^basic +/i, '');
  reach(credentials !== undefined, 'HTTP Basic', 'no Authorization header');
  const text = Buffer.from(credentials, 'base64').toString('utf8');
  must(
    /^[\w.~*%+!'()-]+:[\w.~*%+!'()-]+$/.test(text),
    'id and secret form-encoded, with one colon between them',
    text,
  );
  const { clientId, clientSecret } = basicCredentials(request) ?? {};
  const { id, secret } = CLIENTS.reserved;
  must(clientId === id, 'an id that decodes to the configured one', clientId ?? 'none');
  must(clientSecret === secret, 'a secret that decodes to the configured one', 'another one');
}

export default requirement({
  rule: 'For HTTP Basic, id and secret are each form-encoded before Base64.',
  sources: ['RFC 6749, section 2.3.1', 'OAuth 2.1 draft, section 2.4.1'],
  level: 'MUST',
  tier: 'hardened',
  cases: {
    a: plain({
      needs: ['client_credentials', 'refresh'],
      servers: DECODING_SERVERS,
      async run(stage: Stage) {
        const client = await stage.open(CLIENTS.reserved, { client_auth: 'basic' });
        const first = await client.tryToken();
        stage.tokenRequests.forEach(mustBeEncoded);
        reach(first.outcome === 'ok', 'Keycloak to know the client', first);
        await client.tryToken({ force_refresh: true });
        reach(
          stage.tokenRequests.length >= 2,
          'a second token request',
          stage.tokenRequests.length,
        );
        stage.tokenRequests.forEach(mustBeEncoded);
      },
    }),
  },
});
