import { must } from '../verdict/verdict.ts';
import { bearer, jsonBody } from '../wire/exchange.ts';
import type { Stage } from './stage.ts';

/**
 * Every call of the API bears a token that a refresh has brought. A client that gave up its own refresh because another one was at work,
 * and went on with the token it had, looks right in all else: that token lives on at the server.
 *
 * @throws Judgement `fail`
 */
export function mustUseRenewed(stage: Stage): void {
  const renewed = new Set(
    stage.refreshes.map(({ response }) => jsonBody(response)?.['access_token']),
  );
  const calls = stage.apiRequests.map(({ request }) => bearer(request));
  const old = calls.filter((token) => token === undefined || !renewed.has(token));
  must(
    calls.length > 0 && old.length === 0,
    'the renewed token in every call',
    `another one in ${old.length} of ${calls.length}`,
  );
}
