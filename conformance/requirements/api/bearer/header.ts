import {
  EVERY_SERVER,
  plain,
  provoked,
  requirement,
} from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';
import { headers, jsonBody } from '../../../src/wire/exchange.ts';

async function call(stage: Stage) {
  const client = await stage.open(CLIENTS.service);
  await client.token();
  return client.tryCall();
}

function mustCarryHeader(stage: Stage): void {
  const token = jsonBody(stage.tokenRequests[0]?.response)?.['access_token'];
  reach(
    stage.apiRequests.length > 0 && typeof token === 'string',
    'an API request',
    stage.apiRequests.length,
  );
  for (const { request } of stage.apiRequests) {
    const [value, ...more] = headers(request, 'authorization');
    must(
      value !== undefined && more.length === 0,
      'exactly one Authorization header',
      headers(request, 'authorization').length,
    );
    must(
      value === `Bearer ${token}`,
      "'Bearer', one space, the token",
      value.replace(token, '<token>'),
    );
  }
}

export default requirement({
  rule: 'An API request carries the token in exactly one Authorization header, as Bearer, one space, token (a), and in no other way (b).',
  sources: ['RFC 6750, section 2', 'RFC 6750, section 2.1', 'OAuth 2.1 draft, section 5.1'],
  level: 'MUST',
  tier: 'core',
  cases: {
    a: plain({
      needs: ['client_credentials'],
      servers: EVERY_SERVER,
      async run(stage) {
        const outcome = await call(stage);
        mustCarryHeader(stage);
        must(outcome.outcome === 'ok', 'an answered call', outcome);
      },
    }),
    'a-echo': provoked({
      needs: ['client_credentials'],
      faults: [{ on: { endpoint: 'token' }, change: { json: { token_type: 'bearer' } } }],
      flow: call,
      twin: (outcome) => must(outcome.outcome === 'ok', 'an answered call', outcome),
      judge: (_, stage) => mustCarryHeader(stage),
    }),
    b: plain({
      needs: ['client_credentials'],
      async run(stage) {
        const client = await stage.open(CLIENTS.service);
        await client.token();
        const body = 'seat=12&row=F';
        await client.call('/v1/ticketing/orders/', { method: 'POST', body });
        const [order] = stage.apiRequests;
        const token = jsonBody(stage.tokenRequests[0]?.response)?.['access_token'];
        reach(
          order !== undefined && typeof token === 'string',
          'an API request',
          stage.apiRequests.length,
        );
        must(
          order.request.body === body,
          'the body as the caller gave it',
          order.request.body.replaceAll(token, '<token>'),
        );
        const others = order.request.headers.filter(
          ([name]) => name.toLowerCase() !== 'authorization',
        );
        const second = others.find(
          ([name, value]) => value.includes(token) || /^(?:cookie|x-.*token)$/i.test(name),
        );
        must(second === undefined, 'no second header for it', second?.[0]);
      },
    }),
  },
});
