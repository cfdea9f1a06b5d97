import type { ClientError } from '../../src/protocol/messages.ts';
import { provoked, requirement } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import { must, reach } from '../../src/verdict/verdict.ts';
import type { FaultyAnswer } from '../../src/wire/fault.ts';

const HTML =
  '<!DOCTYPE html><html><head><title>Error</title></head><body>Bad gateway</body></html>';
const asHtml = { headers: { 'Content-Type': 'text/html' }, body: HTML };
const asJson = (body: string) => ({ headers: { 'Content-Type': 'application/json' }, body });

/** @param notText what the error would be if something that is no text were made one. */
function reported(answer: FaultyAnswer, expected: ClientError['class'], notText?: string) {
  return provoked({
    needs: ['client_credentials'],
    faults: [{ on: { endpoint: 'token' }, answer }],
    flow: async (stage) => (await stage.open(CLIENTS.service)).tryToken(),
    twin: (outcome) => must(outcome.outcome === 'ok', 'a token', outcome),
    judge(outcome, stage) {
      const status = stage.tokenRequests[0]?.response?.status;
      reach(status === answer.status, `an answer with status ${answer.status}`, status);
      must(outcome.outcome === 'error', 'an error', outcome);
      const { error } = outcome;
      must(error.class === expected, `the error class ${expected}`, error);
      must(error.http_status === answer.status, `the HTTP status ${answer.status}`, error);
      must(!notText || error.oauth_error !== notText, 'no error made of it', error);
      // A parser that complains likes to quote what it read.
      must(!/<html|Bad gateway/i.test(error.message), 'no part of the body in the message', error);
    },
  });
}

export default requirement({
  rule:
    'A refusal that is no OAuth error is an error with a class and its status all the same: HTML with 500 and 502 (a), JSON without error (b), an ' +
    'error code that nobody knows (c), no body or an error that is no text (d).',
  sources: ['RFC 6749, sections 5.2 and 8.5', 'practice: gateways answer in HTML'],
  level: 'practice',
  tier: 'hardened',
  cases: {
    'a-500': reported({ status: 500, ...asHtml }, 'unavailable'),
    'a-502': reported({ status: 502, ...asHtml }, 'unavailable'),
    'a-400': reported({ status: 400, ...asHtml }, 'invalid_response'),
    b: reported({ status: 400, ...asJson('{"detail":"no such thing"}') }, 'invalid_response'),
    'b-array': reported({ status: 400, ...asJson('["invalid_client"]') }, 'invalid_response'),
    c: reported({ status: 400, ...asJson('{"error":"slow_down_please"}') }, 'invalid_response'),
    'd-empty': reported({ status: 400 }, 'invalid_response'),
    'd-number': reported({ status: 400, ...asJson('{"error":42}') }, 'invalid_response', '42'),
    'd-object': reported(
      { status: 400, ...asJson('{"error":{"code":"invalid_client"}}') },
      'invalid_response',
      '[object Object]',
    ),
  },
});
