import type { ApiOutcome } from '../adapter/client.ts';
import { must, reach } from '../verdict/verdict.ts';
import { bearer, type RecordedRequest } from '../wire/exchange.ts';
import type { Stage } from './stage.ts';

/** The API refused a call with 401, and answered one repeat with another token. @returns both requests */
export function mustRepeatOnce(
  outcome: ApiOutcome,
  stage: Stage,
): Readonly<Record<'refused' | 'repeated', RecordedRequest>> {
  const [refused, repeated, ...more] = stage.apiRequests;
  reach(refused?.response?.status === 401, 'a refused call', refused?.response?.status);
  must(
    outcome.outcome === 'ok' && outcome.status === 200,
    'the call to succeed after a renewal',
    outcome,
  );
  must(
    repeated !== undefined && more.length === 0,
    'one repeat of the call',
    stage.apiRequests.length - 1,
  );
  must(
    bearer(repeated.request) !== bearer(refused.request),
    'another token in the repeat',
    'the refused one',
  );
  return { refused: refused.request, repeated: repeated.request };
}
