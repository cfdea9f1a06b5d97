import { plain, requirement } from '../../../src/requirements/requirement.ts';
import { CATALOGS_PATH } from '../../../src/adapter/client.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';
import { path } from '../../../src/wire/exchange.ts';

export default requirement({
  rule:
    'GET /v1/ticketing/catalogs/ is sent to just that path, with its final slash and without a redirect hop (a), and its body, whose names are in several ' +
    'scripts, reaches the caller intact, in a process whose locale is C (b).',
  sources: [
    'document 001 of the project',
    'RFC 3986, section 6.2.2: paths are compared with their final slash',
    'RFC 8259, section 8.1',
  ],
  level: 'practice',
  tier: 'core',
  cases: {
    a: plain({
      needs: ['client_credentials'],
      async run(stage) {
        const client = await stage.open(CLIENTS.service);
        await client.token();
        const call = await client.tryCall();
        const seen = stage.apiRequests.map(({ request }) => `${request.method} ${path(request)}`);
        must(
          seen.length === 1 && seen[0] === `GET ${CATALOGS_PATH}`,
          `GET ${CATALOGS_PATH} once`,
          seen,
        );
        must(call.outcome === 'ok' && call.status === 200, 'status 200', call);
      },
    }),
    b: plain({
      needs: ['client_credentials'],
      async run(stage) {
        const client = await stage.open(CLIENTS.service);
        const { body } = await client.call();
        const sent = stage.apiRequests.at(-1)?.response?.body;
        reach(
          sent !== undefined && sent.includes('歌舞伎座'),
          'a catalogue with names in Kanji',
          sent,
        );
        must(body === sent, 'the very text that the API sent', firstDifference(sent, body));
      },
    }),
  },
});

function firstDifference(sent: string, got: string): string {
  let at = 0;
  while (at < sent.length && sent[at] === got[at]) at++;
  return `at character ${at}: ${JSON.stringify(got.slice(at, at + 20))} in place of ${JSON.stringify(sent.slice(at, at + 20))}`;
}
